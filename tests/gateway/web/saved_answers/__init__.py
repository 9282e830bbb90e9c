"""Answers of forms that are kept."""
