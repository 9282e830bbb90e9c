"""What the first revision adds to its tables: guards of the ledger, and the figures to begin with."""
