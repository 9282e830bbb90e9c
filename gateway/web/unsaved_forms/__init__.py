"""Forms that could not be saved because a service does not answer."""
