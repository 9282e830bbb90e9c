"""Malformed and generated requests, the same in every run."""
