"""What became of each record of an import, and which were rejected."""
