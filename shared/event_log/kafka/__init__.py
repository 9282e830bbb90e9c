"""The event log in Apache Kafka. No other package imports aiokafka."""

from shared.event_log.kafka.log import KafkaLog
from shared.event_log.kafka.topics import create_topics

__all__ = ["KafkaLog", "create_topics"]
