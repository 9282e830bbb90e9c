"""The event log: topics, keys, groups and offsets, in Apache Kafka or in PostgreSQL."""
