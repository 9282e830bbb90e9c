"""Payees: where a person's money goes, told by that person alone, sealed in the database and shown masked."""
