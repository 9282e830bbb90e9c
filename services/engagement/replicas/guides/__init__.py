"""A guide: engagement's copy of whether it may be applied."""
