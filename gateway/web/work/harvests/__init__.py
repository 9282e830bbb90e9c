"""Repositories that are harvested: what each brought, and what it could not store."""
