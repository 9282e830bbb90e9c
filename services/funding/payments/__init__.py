"""Payments: how approved claims are paid through the bank."""
