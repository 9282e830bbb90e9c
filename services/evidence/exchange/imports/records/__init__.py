"""A record is one entry of an imported file, and what became of it."""
