"""A search finds items of every way of knowing and says what each contributes."""
