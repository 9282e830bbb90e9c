"""A topic is a subject area of the sector, with a priority that its voices gave it."""
