"""Surveys: sets of questions, open for a time."""
