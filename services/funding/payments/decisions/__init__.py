"""Decisions on claims, which also reach into the payment run that a claim is in: an approval can be taken back."""
