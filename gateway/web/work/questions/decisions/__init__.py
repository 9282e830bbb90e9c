"""Deciding about an answer that stands on something in doubt."""
