"""The directory: the people and organisations that the service knows."""
