"""Who looks for the answer to a question."""
