"""Guides: what to try today, and what each statement rests on."""
