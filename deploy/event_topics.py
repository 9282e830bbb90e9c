"""The topics of deploy/event_topics.yaml."""

from datetime import timedelta
from pathlib import Path

import yaml

from shared.event_log.protocol import TopicConfig

FILE = Path(__file__).with_name("event_topics.yaml")


def read(file: Path = FILE) -> tuple[TopicConfig, ...]:
    """Return every topic of the event log, with its partitions and retention."""
    document = yaml.safe_load(file.read_text())
    retention = timedelta(days=int(document["retention_days"]))
    return tuple(TopicConfig(name, int(document["partitions"]), retention) for name in document["topics"])
