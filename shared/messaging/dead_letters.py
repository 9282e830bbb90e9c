"""Dead letters: events that could not be handled, parked with all later ones of their key until redriven."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from shared.event_log.protocol import Partition, Record
from shared.events.event import Envelope
from shared.messaging import inbox
from shared.messaging.cloudevents import MalformedEvent, envelope_of
from shared.persistence.platform_tables import dead_letters

Reason = Literal["failed", "not yet", "unreadable", "waiting behind"]


class EventKey(NamedTuple):
    """One key of one topic, within which events are handled in order."""

    topic: str
    key: str


class ParkedEvent(NamedTuple):
    """A dead letter: its number, the record, and how often it was tried."""

    number: int
    record: Record
    attempts: int


def key_of(record: Record) -> EventKey:
    """Return the topic and key of a record; bytes that are not UTF-8 are escaped."""
    return EventKey(
        record.partition.topic, (record.key or b"").decode("utf-8", "backslashreplace").replace("\0", "\\0")
    )


async def blocked(session: AsyncSession, records: Iterable[Record]) -> set[EventKey]:
    """Return those keys of the records that have parked events."""
    keys = {key_of(record) for record in records}
    table = dead_letters.c
    rows = await session.execute(
        select(table.topic, table.key).where(tuple_(table.topic, table.key).in_(keys)).distinct()
    )
    return {EventKey(topic, key) for topic, key in rows}


async def admit(
    session: AsyncSession, events: Sequence[Envelope], keys: Sequence[EventKey]
) -> tuple[set[UUID], set[EventKey]]:
    """Record events as handled in this transaction, unless an earlier one of their key is parked.

    Returns those that nobody had handled before, and the keys that are blocked. Waits for another transaction that is
    handling one of the events now. One round trip, on the path of every event.
    """
    connection = await session.connection()
    columns = (
        [event.id for event in events],
        [event.type for event in events],
        [key.topic for key in keys],
        [key.key for key in keys],
    )
    rows = await connection.exec_driver_sql(_ADMIT, columns)
    new: set[UUID] = set()
    blocked_keys: set[EventKey] = set()
    for row in rows:
        if row.event_id is None:
            blocked_keys.add(EventKey(row.topic, row.key))
        else:
            new.add(row.event_id)
    return new, blocked_keys


_ADMIT = """
WITH received AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[]) AS received (event_id, type, topic, key)
), parked AS (
    SELECT DISTINCT received.topic, received.key FROM received JOIN dead_letters USING (topic, key)
), entered AS (
    INSERT INTO inbox (event_id, type)
    SELECT event_id, type FROM received
    WHERE NOT EXISTS (SELECT FROM parked WHERE parked.topic = received.topic AND parked.key = received.key)
    ON CONFLICT DO NOTHING RETURNING event_id
)
SELECT event_id, NULL AS topic, NULL AS key FROM entered UNION ALL SELECT NULL, topic, key FROM parked
"""


async def lock_key(session: AsyncSession, key: EventKey) -> None:
    """Lock a key against parking and redriving until the end of the transaction."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{key.topic}/{key.key}", 0))))


async def park(
    session: AsyncSession,
    records: Sequence[Record],
    reason: Reason,
    error: str | None,
    attempts: int,
    redrive_after: timedelta | None = None,
) -> None:
    """Park records of one key: the first for this reason, the rest as waiting behind it.

    Records that another process has handled or parked meanwhile are left out. The others are redriven automatically
    after `redrive_after`.
    """
    await lock_key(session, key_of(records[0]))
    for index, record in enumerate(records):
        if not await _is_handled_or_parked(session, record):
            row = _row(record) | {"reason": "waiting behind", "attempts": 0}
            if index == 0:
                row |= {"reason": reason, "error": error, "attempts": attempts}
            redrive_at = None if redrive_after is None else func.clock_timestamp() + redrive_after
            await session.execute(insert(dead_letters).values(**row, redrive_at=redrive_at))


async def park_behind(session: AsyncSession, record: Record) -> bool:
    """Park a record behind the parked ones of its key. Returns False where none is parked any more: handle it."""
    await lock_key(session, key_of(record))
    if not await blocked(session, [record]):
        return False
    if not await _is_handled_or_parked(session, record):
        await session.execute(insert(dead_letters).values(**_row(record), reason="waiting behind", attempts=0))
    return True


async def first_of(session: AsyncSession, key: EventKey) -> ParkedEvent | None:
    """Return the oldest parked event of a key; None where there is none."""
    table = dead_letters.c
    row = (
        await session.execute(
            select(dead_letters).where(table.topic == key.topic, table.key == key.key).order_by(table.id).limit(1)
        )
    ).first()
    if row is None:
        return None
    headers = [(name, value.encode("latin-1")) for name, value in row.headers]
    record_key = row.key.encode()
    record = Record(Partition(row.topic, row.partition), row.log_offset, record_key, row.value, headers)
    return ParkedEvent(row.id, record, row.attempts)


async def due(session: AsyncSession, now: datetime) -> list[EventKey]:
    """Return the keys whose redrive was asked for or is due, 100 at most."""
    table = dead_letters.c
    rows = await session.execute(select(table.topic, table.key).where(table.redrive_at <= now).distinct().limit(100))
    return [EventKey(topic, key) for topic, key in rows]


async def remove(session: AsyncSession, number: int) -> None:
    """Delete the dead letter with this number."""
    await session.execute(delete(dead_letters).where(dead_letters.c.id == number))


async def _is_handled_or_parked(session: AsyncSession, record: Record) -> bool:
    """Return whether a record was handled or parked before. Waits for a transaction that is handling it now."""
    table = dead_letters.c
    where = (
        table.topic == record.partition.topic,
        table.partition == record.partition.number,
        table.log_offset == record.offset,
        table.value.is_not_distinct_from(record.value),
    )
    if (await session.execute(select(table.id).where(*where).limit(1))).first() is not None:
        return True
    event_id = _event_id(record)
    if event_id is None:
        return False
    entered = await inbox.enter(session, {event_id: "parked"})
    if entered:
        await inbox.leave(session, event_id)
    return not entered


def _event_id(record: Record) -> UUID | None:
    try:
        return envelope_of(record).id
    except MalformedEvent:
        return None


def _row(record: Record) -> dict[str, object]:
    event_type = dict(record.headers).get("ce_type")
    return {
        "topic": record.partition.topic,
        "partition": record.partition.number,
        "log_offset": record.offset,
        "key": key_of(record).key,
        "event_id": _event_id(record),
        "type": None if event_type is None else event_type.decode("utf-8", "backslashreplace").replace("\0", "\\0"),
        "headers": [(name, value.decode("latin-1").replace("\0", "")) for name, value in record.headers],
        "value": record.value,
    }
