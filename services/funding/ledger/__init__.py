"""The ledger: the append-only record of every penny."""
