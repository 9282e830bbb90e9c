"""Payments: runs of approved claims, the file that the bank takes, and what the bank answers."""
