"""The edge: what happens to every request before anything answers it, and the way to the services."""
