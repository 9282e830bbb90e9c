"""Groups of items that may be one work: compared side by side, and decided one after the other, or many at once."""
