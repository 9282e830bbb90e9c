"""Telling what one knows, and what became of it."""
