"""A topic: engagement's copy of what the evidence service says of it."""
