"""The event log in PostgreSQL, with Kafka's meaning."""
