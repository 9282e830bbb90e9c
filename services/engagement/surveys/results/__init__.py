"""Results: what the responses to a closed survey add up to, by group, with small numbers suppressed."""
