"""Messages of the bank: what it reports about the payments of a run."""
