"""The engines that tests run against: a real PostgreSQL and a real Kafka started when first wanted.

Nothing here skips: where an engine cannot be had, its tests fail and say why.
"""

import gc
import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka.conn import AIOKafkaConnection

from deploy import topics
from deploy.engines import databases, places
from deploy.engines.kafka import Broker
from deploy.engines.postgres import Cluster
from shared import kafka, migrations

PASSWORD = secrets.token_urlsafe(12)
PACKAGES = {service: f"services.{service}" for service in databases.SERVICES if service != "gateway"} | {
    "gateway": "gateway"
}
FreshDatabase = Callable[[str], Awaitable[str]]

_number = itertools.count(1)
_templates: dict[str, str] = {}


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """This session's own, with every service's role (password `PASSWORD`); fast because it may lose data."""
    account = places.unprivileged()
    home = _own_folder(places.database_folder() if account.uid is not None else Path(tempfile.gettempdir()))
    account.own(home)
    programs = places.database_folder()
    cluster = Cluster(home, home / "log", PASSWORD, places.free_port(), account, safe=False, programs_in=programs)
    try:
        cluster.start()
        cluster.wait()
        databases.set_up(cluster, dict.fromkeys(databases.SERVICES, PASSWORD))
        yield cluster
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
async def fresh_database(postgres_cluster: Cluster) -> AsyncIterator[FreshDatabase]:
    """`await fresh_database("funding")`: the URL of a migrated, empty database of that service for this test alone."""
    made: list[str] = []

    async def make(service: str) -> str:
        template = _templates.get(service) or await _template(postgres_cluster, service)
        name = f"{service}_{next(_number)}"
        postgres_cluster.sql(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {service}")
        made.append(name)
        return postgres_cluster.url(name, service, PASSWORD)

    yield make
    postgres_cluster.sql("\n".join(f"DROP DATABASE {name} WITH (FORCE);" for name in made))


@pytest.fixture
def event_log_url(postgres_cluster: Cluster) -> Iterator[str]:
    """An empty database for the embedded event log, for this test alone; every service's role may use all of it."""
    name = f"event_log_{next(_number)}"
    postgres_cluster.sql(f"CREATE DATABASE {name} OWNER {databases.EVENT_LOG};" + databases.shared_by_all(name))
    yield postgres_cluster.url(name, "evidence", PASSWORD)
    postgres_cluster.sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[Broker]:
    """A real Apache Kafka of this session's own; `kill` and `restart` it as the test wants, but leave it running."""
    home = _own_folder(Path(tempfile.gettempdir()))
    broker = Broker(home, home / "log", places.free_port(), places.free_port())
    try:
        broker.start()
        broker.wait()
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def nothing_is_left_open_at_kafka(request: pytest.FixtureRequest) -> Iterator[None]:
    """A connection that is left open would be told of in whichever later test the garbage collector finds it."""
    yield
    if "kafka_broker" in request.fixturenames:
        held = [found for found in gc.get_objects() if type(found) is AIOKafkaConnection]
        assert not [found for found in held if found.connected()]


@pytest.fixture
async def kafka_topics(kafka_broker: Broker) -> str:
    """The address of a Kafka that has the topics of deploy/topics.yaml."""
    await kafka.create_topics(kafka_broker.bootstrap, topics.read())
    return kafka_broker.bootstrap


async def _template(cluster: Cluster, service: str) -> str:
    """A database of the service, migrated once a session; the others are copies of it."""
    name = f"template_{service}"
    cluster.sql(f"CREATE DATABASE {name} OWNER {service}")
    await migrations.upgrade(PACKAGES[service], cluster.url(name, service, PASSWORD))
    _templates[service] = name
    return name


def _own_folder(parent: Path) -> Path:
    """A folder named after this process; those of sessions that were killed are cleared away."""
    for left in parent.glob("impact-tests-*"):
        pid = left.name.split("-")[2]
        if pid.isdigit() and not psutil.pid_exists(int(pid)) and left.stat().st_uid in (os.geteuid(), *_uids()):
            shutil.rmtree(left, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"impact-tests-{os.getpid()}-", dir=parent))


def _uids() -> tuple[int, ...]:
    uid = places.unprivileged().uid
    return () if uid is None else (uid,)
