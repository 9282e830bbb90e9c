"""The event log in PostgreSQL, with the semantics of Kafka."""
