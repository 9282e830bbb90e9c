"""An evidence item, as everybody reads it."""
