"""The page of all ways to take part."""
