"""The next edition of a guide while it is being written."""
