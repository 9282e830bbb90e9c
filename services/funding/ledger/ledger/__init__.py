"""The ledger: an append-only, double-entry record of every penny."""
