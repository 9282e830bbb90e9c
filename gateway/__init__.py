"""The gateway: the one public entrance to the services."""
