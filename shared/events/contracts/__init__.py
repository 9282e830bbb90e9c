"""The events that each service publishes: the only thing that other services may know of it."""
