"""The library: what is known, item by item, and what is said of each."""
