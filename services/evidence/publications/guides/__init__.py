"""A guide: a synthesis for practice, built of statements that each cite evidence items."""
