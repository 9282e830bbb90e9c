"""Files of references that editors bring in: what became of each record, what was rejected, and taking one back."""
