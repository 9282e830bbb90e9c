"""The log in Apache Kafka. Nothing else imports aiokafka."""

from shared.kafka.log import KafkaLog
from shared.kafka.topics import create_topics

__all__ = ["KafkaLog", "create_topics"]
