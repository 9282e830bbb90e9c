"""Fixtures of all tests: a PostgreSQL, a Kafka, clean databases; and how tests are distributed over processes.

Modules that tests of rules do not need are imported where a fixture is used.
"""

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection, Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from deploy.engines.kafka import Broker
    from deploy.engines.postgres import Cluster
    from shared.callers import Caller
    from tests.support.databases import DatabasePool

FreshDatabase = Callable[[str], Awaitable[str]]
ENGINES = {"postgres_cluster", "kafka_broker", "platform", "checkout"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--without-engines", action="store_true", help="only tests that need no PostgreSQL and no Kafka")


def pytest_make_parametrize_id(val: object) -> str | None:
    """Return an id that is the same in every process, unlike a caller's id and the order of a set."""
    if type(val).__name__ == "Caller":
        caller = cast("Caller", val)
        return "-".join([caller.kind, *sorted(caller.roles), *sorted(caller.scopes)])
    if isinstance(val, set | frozenset):
        return "{" + ",".join(sorted(map(str, cast("Collection[object]", val)))) + "}"
    return None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Distribute single tests over the processes, and keep those that share an engine in one process."""
    from xdist.scheduler import LoadScopeScheduling

    class SharedEngineScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scheduling_scope(nodeid)

    return SharedEngineScheduling(config, log)


def scheduling_scope(nodeid: str) -> str:
    """Return the engine that only one process starts and the test needs: a Kafka or a platform. Else the test's own id.

    pytest-xdist's own groups (3.8) do not work with pytest 9.2.
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


@pytest.fixture(scope="session", autouse=True)
def disclosure_threshold() -> None:
    """Set what a service sets when it starts, for the rules that are tested without one."""
    from shared import disclosure
    from tests.support.settings import FEWEST_SHOWN

    disclosure.set_threshold(FEWEST_SHOWN)


@pytest.fixture(params=["tests", "production"])
def fewest_shown(request: pytest.FixtureRequest) -> Iterator[int]:
    """Run a test with the disclosure threshold of the tests and with that of production. Name it after the `world`."""
    from shared import disclosure

    before = disclosure.threshold()
    fewest = disclosure.DEFAULT_THRESHOLD if request.param == "production" else before
    disclosure.set_threshold(fewest)
    yield fewest
    disclosure.set_threshold(before)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator["Cluster"]:
    """Start a PostgreSQL for this process, with every service's role (password `PASSWORD`).

    Processes do not share one: the transaction horizon is that of the whole server, so an export would have no ETag and
    an audit seal would wait while a test of another process has a transaction open.
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
    """Return a function that acquires databases: `await fresh_database("funding")` is the URL of a clean one."""
    acquired: list[str] = []
    tasks_before = asyncio.all_tasks()

    async def acquire(kind: str) -> str:
        acquired.append(await database_pool.acquire(kind))
        return acquired[-1]

    yield acquire
    await end_tasks(tasks_before)  # so that none writes into the database of the next test
    altered = request.node.get_closest_marker("alters_schema") is not None
    for url in reversed(acquired):
        await database_pool.release(url, altered=altered)


@pytest.fixture
async def event_log_url(fresh_database: FreshDatabase) -> str:
    """Return the URL of an empty embedded event log, which every service's role may use."""
    return await fresh_database("event_log")


@pytest.fixture(scope="session")
def kafka_broker(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator["Broker"]:
    """Start an Apache Kafka for this run. A test may `kill` and `restart` it, but must leave it running."""
    from tests.support.engines import kafka

    if worker_id != "master":
        # Fails where another process of this run has started a Kafka: see `scheduling_scope`.
        (tmp_path_factory.getbasetemp().parent / "kafka").touch(exist_ok=False)
    with kafka() as broker:
        yield broker


@pytest.fixture(autouse=True)
def no_kafka_connection_is_left_open(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail where a connection is left open: its warning would appear in some later test, when it is collected."""
    yield
    if "kafka_broker" in request.fixturenames:
        from aiokafka.conn import AIOKafkaConnection

        connections = [connection for connection in gc.get_objects() if type(connection) is AIOKafkaConnection]
        assert not [connection for connection in connections if connection.connected()]


@pytest.fixture
async def no_task_outlives_its_test() -> AsyncIterator[None]:
    """End the tasks that a test started, since all tests share one event loop."""
    tasks_before = asyncio.all_tasks()
    yield
    await end_tasks(tasks_before)


async def end_tasks(tasks_before: Collection["asyncio.Task[Any]"]) -> None:
    """Cancel the tasks that were started since, and wait until they have ended."""
    started = asyncio.all_tasks() - {*tasks_before, asyncio.current_task()}
    for task in started:
        task.cancel()
    if started:
        _, running = await asyncio.wait(started, timeout=10)
        assert not running, f"tasks that do not end when they are cancelled: {running}"


@pytest.fixture
async def kafka_topics(kafka_broker: "Broker") -> str:
    """Create the topics of deploy/event_topics.yaml in Kafka and return its bootstrap address."""
    from deploy import event_topics
    from shared.event_log import kafka

    await kafka.create_topics(kafka_broker.bootstrap, event_topics.read())
    return kafka_broker.bootstrap


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> "InMemorySpanExporter":
    """Record spans in memory, up to the default limit; whoever starts an application later sets the limit anew."""
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    from shared import tracing

    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("impact"))
    monkeypatch.setattr(tracing, "_limit", tracing.TraceLimit(tracing.DEFAULT_TRACES_PER_SECOND))
    return exporter
