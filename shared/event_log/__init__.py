"""The event log: topics, partitions, consumer groups and offsets, in Apache Kafka or in PostgreSQL."""
