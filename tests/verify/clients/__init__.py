"""Clients that others' programs generate from the API's description."""
