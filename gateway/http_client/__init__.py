"""The HTTP client towards the services."""
