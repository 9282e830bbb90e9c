"""The events that each service publishes: all that another service may import of it."""
