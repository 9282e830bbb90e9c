"""The proof: what shows, at any time, that the ledger balances and agrees with claims, schemes and the bank."""
