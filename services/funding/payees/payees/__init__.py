"""Payees: bank details, which the person alone enters and changes. Stored encrypted and shown masked."""
