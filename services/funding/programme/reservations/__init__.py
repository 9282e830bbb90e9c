"""Reservations: money set aside in a scheme for one assembly, before anyone may register."""
