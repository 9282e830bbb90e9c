"""What every test can ask for: a PostgreSQL, a Kafka, databases that are as good as new.

Nothing that a rule test does not need is imported before it is asked for.
"""

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from deploy.engines.kafka import Broker
    from deploy.engines.postgres import Cluster
    from tests.support.databases import DatabasePool

FreshDatabase = Callable[[str], Awaitable[str]]
ENGINES = {"postgres_cluster", "kafka_broker", "platform", "checkout"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-engines", action="store_true", help="only tests that need no PostgreSQL and no Kafka")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Names that are the same in every process: a caller's id and the order of a set are not."""
    if type(val).__name__ == "Caller":
        caller: Any = val
        return "-".join([caller.kind, *sorted(caller.roles), *sorted(caller.scopes)])
    if isinstance(val, set | frozenset):
        return "{" + ",".join(sorted(map(str, cast("Collection[object]", val)))) + "}"
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each process one test after the other, but those that take turns to the same process."""
    from xdist.scheduler import LoadScopeScheduling

    class TakingTurns(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return turns_of(nodeid)

    return TakingTurns(config, log)


def turns_of(nodeid: str) -> str:
    """What tests share that only one process starts: a Kafka, or a platform. Else the test itself.

    pytest-xdist's own groups (3.8) are lost with pytest 9.2.
    """
    if "kafka" in nodeid or "test_broker" in nodeid:
        return "kafka"
    return "platform" if nodeid.startswith("tests/journeys/") else nodeid


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        fixtures: list[str] = getattr(item, "fixturenames", [])
        if item.get_closest_marker("asyncio") is not None:
            fixtures.insert(0, "no_task_outlives_its_test")
    if config.getoption("without_engines"):
        without = [item for item in items if not needs_engines(item)]
        config.hook.pytest_deselected(items=[item for item in items if needs_engines(item)])
        items[:] = without


def needs_engines(item: pytest.Item) -> bool:
    fixtures: list[str] = getattr(item, "fixturenames", [])
    return item.get_closest_marker("starts_engines") is not None or not ENGINES.isdisjoint(fixtures)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator["Cluster"]:
    """A PostgreSQL of this process's own, with every service's role (password `PASSWORD`).

    Not one for all processes: which changes are final depends on all transactions of a server, so that an export would
    have no ETag and a seal would wait while the test of another process is in the middle of one.
    """
    from tests.support.engines import postgres

    with postgres() as cluster:
        yield cluster


@pytest.fixture(scope="session")
async def database_pool(postgres_cluster: "Cluster") -> AsyncGenerator["DatabasePool"]:
    from tests.support.databases import DatabasePool

    pool = DatabasePool(postgres_cluster)
    yield pool
    await pool.close()


@pytest.fixture
async def fresh_database(request: pytest.FixtureRequest, database_pool: "DatabasePool") -> AsyncIterator[FreshDatabase]:
    """`await fresh_database("funding")`: the URL of a migrated, empty database of that service for this test alone."""
    borrowed: list[str] = []
    before = asyncio.all_tasks()

    async def borrow(kind: str) -> str:
        borrowed.append(await database_pool.acquire(kind))
        return borrowed[-1]

    yield borrow
    await end_tasks(before)  # none writes into the database of the next test
    altered = request.node.get_closest_marker("alters_schema") is not None
    for url in reversed(borrowed):
        await database_pool.release(url, altered=altered)


@pytest.fixture
async def event_log_url(fresh_database: FreshDatabase) -> str:
    """An empty embedded event log, for this test alone; every service's role may use all of it."""
    return await fresh_database("event_log")


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator["Broker"]:
    """A real Apache Kafka of this run's own; `kill` and `restart` it as the test wants, but leave it running."""
    from tests.support.engines import kafka

    if worker_id != "master":
        # Fails where another process of this run has a Kafka too: see `turns_of`.
        (tmp_path_factory.getbasetemp().parent / "kafka").touch(exist_ok=False)
    with kafka() as broker:
        yield broker


@pytest.fixture(autouse=True)
def nothing_is_left_open_at_kafka(request: pytest.FixtureRequest) -> Iterator[None]:
    """A connection that is left open would be told of in whichever later test the garbage collector finds it."""
    yield
    if "kafka_broker" in request.fixturenames:
        from aiokafka.conn import AIOKafkaConnection

        held = [found for found in gc.get_objects() if type(found) is AIOKafkaConnection]
        assert not [found for found in held if found.connected()]


@pytest.fixture
async def no_task_outlives_its_test() -> AsyncIterator[None]:
    """All tests share one event loop: what a test has started ends with it."""
    before = asyncio.all_tasks()
    yield
    await end_tasks(before)


async def end_tasks(before: Collection["asyncio.Task[Any]"]) -> None:
    """Cancel the tasks that were started since, and wait for their end."""
    started = asyncio.all_tasks() - {*before, asyncio.current_task()}
    for task in started:
        task.cancel()
    if started:
        _, running = await asyncio.wait(started, timeout=10)
        assert not running, f"tasks that do not end when they are cancelled: {running}"


@pytest.fixture
async def kafka_topics(kafka_broker: "Broker") -> str:
    """The address of a Kafka that has the topics of deploy/topics.yaml."""
    from deploy import topics
    from shared.event_log import kafka

    await kafka.create_topics(kafka_broker.bootstrap, topics.read())
    return kafka_broker.bootstrap
