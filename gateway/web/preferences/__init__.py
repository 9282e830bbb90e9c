"""How pages look and in which language: choices of the visitor, kept by their browser."""
