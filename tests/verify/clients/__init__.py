"""Clients that other programs generate from the API's description."""
