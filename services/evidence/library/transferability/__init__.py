"""Transferability: whether what is known from one place would hold in another, and what it would need there."""
