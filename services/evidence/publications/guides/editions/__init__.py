"""Editions of guides: published ones as they were written, and the next one as it is being written."""
