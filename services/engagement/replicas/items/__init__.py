"""An evidence item: engagement's copy of whether it may be applied."""
