"""`make migration`: write the next migration of a service, against a private PostgreSQL."""
