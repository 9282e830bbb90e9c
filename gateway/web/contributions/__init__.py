"""Telling what one has lived through or knows from work, and what became of what one told."""
