from datetime import timedelta
from pathlib import Path

import pytest

from deploy import event_topics
from deploy.engines.kafka import Broker
from deploy.engines.setup_error import SetupError
from shared.event_log import kafka
from shared.event_log.kafka import KafkaLog
from shared.event_log.protocol import TopicConfig
from tests.support.ports import reserve_ports


async def test_a_broker_that_was_killed_has_its_topics_again(kafka_broker: Broker) -> None:
    await kafka.create_topics(kafka_broker.bootstrap, [TopicConfig("tests.killed", 3, timedelta(days=1))])

    kafka_broker.kill()
    assert not kafka_broker.is_running()
    kafka_broker.restart()

    log = KafkaLog(kafka_broker.bootstrap)
    assert len(await log.ends(["tests.killed"])) == 3
    await log.close()


async def test_the_topics_of_the_platform_have_six_partitions_each(kafka_topics: str) -> None:
    log = KafkaLog(kafka_topics)
    names = [topic.name for topic in event_topics.read()]
    assert len(await log.ends(names)) == 6 * len(names)
    await log.close()


def test_a_port_in_use_is_reported(kafka_broker: Broker, tmp_path: Path) -> None:
    other = Broker(tmp_path, tmp_path / "log", kafka_broker.port, reserve_ports())

    with pytest.raises(SetupError, match=f"Port {kafka_broker.port} is taken"):
        other.start()
