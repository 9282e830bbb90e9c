"""The log in Apache Kafka. Nothing else imports aiokafka."""

from shared.event_log.kafka.log import KafkaLog
from shared.event_log.kafka.topics import create_topics

__all__ = ["KafkaLog", "create_topics"]
