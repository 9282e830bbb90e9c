"""What needs more than Python's package registry: `make verify` installs it and runs these."""
