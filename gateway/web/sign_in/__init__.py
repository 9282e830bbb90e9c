"""Signing in with a one-time link, the welcome page, and signing out."""
