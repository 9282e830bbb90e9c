"""Payees: where the money of a person goes."""
