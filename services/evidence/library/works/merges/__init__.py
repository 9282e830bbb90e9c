"""A merge lets one item stand for others that are the same work, and can be undone."""
