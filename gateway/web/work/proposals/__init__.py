"""Other words that were proposed for items: read, compared, answered."""
