"""Cost limits: what a cost of each kind may be, and when, on each day."""
