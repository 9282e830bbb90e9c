"""Persistence: the database, the unit of work, and what commits with it."""
