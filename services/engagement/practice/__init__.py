"""Practice: what comes of evidence on the ground."""
