"""Outcomes of payments: what the bank's own word, or a person's, changes in payments, claims and the ledger."""
