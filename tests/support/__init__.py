"""Fixtures and helpers that several kinds of tests share."""
