"""Checks with programs from outside Python's package registry, which `make verify` installs and runs."""
