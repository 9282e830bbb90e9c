"""Merges: what one item received of others for which it stands, and undoing that."""
