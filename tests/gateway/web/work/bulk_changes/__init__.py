"""Many items changed at once."""
