"""Other words, as an evidence editor answers them."""
