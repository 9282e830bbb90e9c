"""A topic is a subject area of the sector; topics form a small tree, and each has a priority."""
