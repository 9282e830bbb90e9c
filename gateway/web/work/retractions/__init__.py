"""Lists of retractions that editors bring in, and what each flagged."""
