"""Migrations of the funding service."""
