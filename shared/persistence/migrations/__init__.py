"""Migrations: how a service's schema is upgraded."""
