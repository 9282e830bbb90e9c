"""A service: its processes, from start to a clean end."""
