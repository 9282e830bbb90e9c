"""Identifiers of works, and fingerprints where a work has none: by these the same work is recognised."""
