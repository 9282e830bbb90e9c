"""Surveys: what the sector is asked, and what it answers."""
