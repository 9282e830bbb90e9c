"""Results: what a closed survey says, by group, with small numbers suppressed."""
