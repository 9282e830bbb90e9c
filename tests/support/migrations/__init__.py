"""`make migration`: write a service's next migration, against a PostgreSQL of its own."""
