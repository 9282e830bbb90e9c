"""Replicas: rows of other services, as far as engagement needs them, updated by events."""
