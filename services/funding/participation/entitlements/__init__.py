"""Entitlements: what a person may receive for one piece of participation."""
