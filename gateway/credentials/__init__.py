"""Credentials: sessions, keys and tokens, and how soon one that was revoked stops working."""
