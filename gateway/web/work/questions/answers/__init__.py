"""Writing the answer to a question."""
