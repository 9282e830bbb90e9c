"""Works: which items are the same work, found by comparing and decided by a person."""
