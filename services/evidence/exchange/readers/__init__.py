"""Readers of reference files: a module for each format cuts a stream of bytes into records and parses their fields."""
