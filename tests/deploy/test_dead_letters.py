"""The commands `impact dead-letters` and `impact replay`."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from deploy import event_topics
from deploy.cli.main import app
from services.funding.worker import HANDLERS
from shared import clock
from shared.event_log.embedded.log import EventLog
from shared.event_log.protocol import Partition, Record
from shared.events.contracts.engagement import AttendanceRecorded
from shared.events.event import Event
from shared.messaging import dead_letters
from shared.messaging.dispatcher import EventDispatcher
from shared.messaging.redriver import Redriver
from shared.persistence.database import Database
from shared.persistence.tables import new_id
from tests.conftest import FreshDatabase
from tests.shared.event_recorder import message

KEY = new_id()


@pytest.fixture
async def funding(fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    url = await fresh_database("funding")
    monkeypatch.setenv("FUNDING_DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "200")
    database = Database(url, "funding")
    yield database
    await database.close()


def attendance(key: UUID, *, minutes: int = 180) -> AttendanceRecorded:
    return AttendanceRecorded(
        registration_id=key,
        assembly_id=new_id(),
        person_id=new_id(),
        attended=True,
        held_on=clock.today(),
        minutes=minutes,
        scheme="participation",
    )


def record_of(event: Event, offset: int) -> Record:
    sent = message(event)
    return Record(Partition(event.topic, 0), offset, sent.key, sent.value, sent.headers)


async def impact(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["dead-letters", *arguments])


async def park(database: Database, *records: Record) -> None:
    async with database.transaction() as uow:
        await dead_letters.park(uow.session, records, "failed", "ValueError at services/x.py:1 in y", 4)


@pytest.mark.usefixtures("funding")
async def test_an_empty_list_says_so() -> None:
    result = await impact("list", "funding")
    assert (result.exit_code, result.stdout) == (0, "Nothing is parked: every event was handled.\n")


async def test_what_is_parked_is_listed_and_shown(funding: Database) -> None:
    await park(funding, record_of(attendance(KEY), 0), record_of(attendance(KEY), 1))
    table = (await impact("list", "funding")).stdout
    assert "engagement.attendance-recorded.v1" in table
    assert "waiting behind" in table
    assert "ValueError at services/x.py:1 in y" in table
    details = (await impact("show", "funding", "1")).stdout
    assert f'"registration_id": "{KEY}"' in details
    assert "ce_type" in details


async def test_a_redrive_handles_a_key_in_its_order(funding: Database) -> None:
    await park(funding, record_of(attendance(KEY), 0), record_of(attendance(KEY, minutes=60), 1))
    stop = asyncio.Event()
    worker = asyncio.create_task(Redriver(EventDispatcher(funding, HANDLERS)).run(stop))
    result = await impact("redrive", "funding", "--number", "2")
    stop.set()
    await worker
    assert (result.exit_code, result.stdout) == (0, "2 of 2 were handled.\n")
    assert (await impact("list", "funding")).stdout.startswith("Nothing is parked")


async def test_what_fails_again_stays_parked_and_says_so(funding: Database) -> None:
    await park(funding, record_of(attendance(KEY), 0)._replace(value=b"{"))
    stop = asyncio.Event()
    worker = asyncio.create_task(Redriver(EventDispatcher(funding, HANDLERS)).run(stop))
    result = await impact("redrive", "funding", "--all")
    stop.set()
    await worker
    assert result.exit_code == 1
    assert "1 failed again and stay parked" in result.stderr
    assert "unreadable" in (await impact("list", "funding")).stdout


@pytest.mark.usefixtures("funding")
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("redrive", "funding"), "Say which"),
        (("redrive", "funding", "--number", "7"), "no such parked events"),
        (("show", "funding", "7"), "no parked event 7"),
        (("list", "finance"), "There is no service finance"),
    ],
)
async def test_an_error_says_what_to_do(arguments: tuple[str, ...], expected: str) -> None:
    result = await impact(*arguments)
    assert result.exit_code == 1
    assert expected in result.stderr


@pytest.mark.usefixtures("funding")
async def test_a_replay_reads_all_events_and_handles_only_new_ones(
    event_log_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENT_LOG_URL", event_log_url)
    monkeypatch.delenv("KAFKA_BOOTSTRAP_SERVERS", raising=False)
    log = EventLog(event_log_url)
    await log.create_topics(event_topics.read())
    producer = await log.producer("test")
    await producer.append([message(attendance(new_id())) for _ in range(3)])
    await producer.close()
    for expected in ("3 events read, 3 of them new to funding", "3 events read, 0 of them new to funding"):
        result = await asyncio.to_thread(CliRunner().invoke, app, ["replay", "funding", "--from-beginning"])
        assert result.exit_code == 0, result.stderr
        assert expected in result.stdout
