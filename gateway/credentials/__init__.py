"""Credentials: sessions, keys and access tokens, and how soon one that was revoked stops working."""
