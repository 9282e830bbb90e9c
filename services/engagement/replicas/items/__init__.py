"""Evidence items: engagement's copy of whether a project may apply them."""
