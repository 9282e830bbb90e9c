"""Rejected records, corrected and sent again."""
