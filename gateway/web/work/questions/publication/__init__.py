"""What everybody reads of a question and its answer."""
