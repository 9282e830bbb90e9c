"""What somebody does once a question of theirs is answered, or no longer needed."""
