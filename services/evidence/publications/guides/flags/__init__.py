"""Flags of published guides, and what editors decide about them."""
