"""The audit trail: who did what, before and after, written with the change and then sealed into a chain of hashes.

Entries commit with the state that they report and are never changed (a trigger refuses). Chaining each to the one
before within that transaction would make every writer of a service wait for every other, so the worker seals them a
moment later, in the order in which their transactions began. Whoever alters or removes a sealed entry breaks the
chain, and `find_broken_seal` says where.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any, NamedTuple, cast
from uuid import UUID

import orjson
from sqlalchemy import insert, inspect, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import InstanceState

from shared.callers import Caller
from shared.persistence.columns import in_array
from shared.persistence.platform_tables import audit_entries as entries
from shared.persistence.platform_tables import audit_seals as seals
from shared.persistence.tables import Row

HIDDEN = "•"
"""Stands for a personal value."""
GENESIS_HASH = b"\0" * 32
"""The hash before the first entry."""
MAX_BATCH_ENTRIES = 1000
"""Entries sealed in one transaction."""


class RemovalEntry(NamedTuple):
    """The audit entry of a row that was removed; `before` are its values, personal ones hidden."""

    actor: UUID
    at: datetime
    before: dict[str, Any] | None


def json_value(value: object) -> object:
    """Return a value in the form that JSON stores; bytes are hidden."""
    match value:
        case Enum():
            return value.value
        case UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return HIDDEN
        case _:
            return _json_collection(value)


def _json_collection(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): json_value(inner) for key, inner in cast("Mapping[object, object]", value).items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(inner) for inner in cast("Iterable[object]", value)]
    return value


def change_of(row: Row, action: str) -> dict[str, Any]:
    """Return the entry of a row about to be flushed: only what changed, personal columns hidden."""
    state: InstanceState[Any] = inspect(row)
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for attribute in state.mapper.column_attrs:
        column = attribute.columns[0]
        if column.name in ("id", "version", "created_at", "updated_at"):
            continue
        history = state.attrs[attribute.key].history
        if action == "changed" and not history.has_changes():
            continue
        hidden = bool(column.info.get("personal"))
        if action != "created" and (old := next(iter(history.deleted or history.unchanged or ()), None)) is not None:
            before[column.name] = HIDDEN if hidden else json_value(old)
        if action != "removed" and (new := next(iter(history.added or history.unchanged or ()), None)) is not None:
            after[column.name] = HIDDEN if hidden else json_value(new)
    return {
        "action": action,
        "kind": type(row).__name__,
        "subject": row.id,
        "before": before or None,
        "after": after or None,
    }


def columns(caller: Caller | None, changes: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    """Return the entries of one unit of work as the columns of its statement.

    Without a caller the actor is the platform itself.
    """
    actor = (caller.id, caller.kind) if caller else (UUID(int=0), "platform")

    def json_column(field: str) -> list[str | None]:
        return [None if change[field] is None else orjson.dumps(change[field]).decode() for change in changes]

    plain_columns = ([change[field] for change in changes] for field in ("action", "kind", "subject"))
    return (*actor, *plain_columns, json_column("before"), json_column("after"))


async def find_creator_id(session: AsyncSession, kind: str, subject: UUID) -> UUID | None:
    """Return who created this row; None for a row that was written without an entry, or never existed."""
    statement = select(entries.c.actor).where(
        entries.c.subject == subject, entries.c.kind == kind, entries.c.action == "created"
    )
    return await session.scalar(statement)


async def created_by(session: AsyncSession, kind: str, subjects: Collection[UUID], actor: UUID) -> set[UUID]:
    """Return which of these rows this actor created."""
    statement = select(entries.c.subject).where(
        in_array(entries.c.subject, subjects),
        entries.c.kind == kind,
        entries.c.action == "created",
        entries.c.actor == actor,
    )
    return set((await session.execute(statement)).scalars())


async def find_removal(session: AsyncSession, kind: str, subject: UUID) -> RemovalEntry | None:
    """Return the entry of a row that was removed; None for a row that was not, or never existed."""
    statement = select(entries.c.actor, entries.c.at, entries.c.before).where(
        entries.c.subject == subject, entries.c.kind == kind, entries.c.action == "removed"
    )
    row = (await session.execute(statement)).first()
    return None if row is None else RemovalEntry(*row)


async def seal(connection: AsyncConnection, limit: int = MAX_BATCH_ENTRIES) -> int:
    """Chain the entries that no running transaction can still precede, at most `limit`. Returns how many were sealed.

    The caller holds a lock, so that only one process seals.
    """
    sealed = select(seals.c.position, seals.c.hash, entries.c.transaction, entries.c.id).join(
        entries, entries.c.id == seals.c.entry
    )
    last = (await connection.execute(sealed.order_by(seals.c.position.desc()).limit(1))).first()
    position, previous = (last.position, last.hash) if last else (0, GENESIS_HASH)
    unsealed = select(entries).where(~select(seals.c.entry).where(seals.c.entry == entries.c.id).exists())
    finished = text("transaction < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
    next_transaction = await connection.scalar(text("SELECT (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint"))
    if last and last.transaction >= next_transaction:
        # The database was restored into a cluster whose transaction ids begin again: older entries come first.
        from_before = entries.c.transaction >= last.transaction
        ready = unsealed.where(or_(finished, from_before)).order_by(from_before.desc())
    else:
        after = (last.transaction, last.id) if last else (0, 0)
        ready = unsealed.where(finished, tuple_(entries.c.transaction, entries.c.id) > after)
    rows = (await connection.execute(ready.order_by(entries.c.transaction, entries.c.id).limit(limit))).mappings()
    chain: list[dict[str, Any]] = []
    for row in rows:
        position += 1
        previous = chained_hash(previous, row)
        chain.append({"position": position, "entry": row["id"], "hash": previous})
    if chain:
        await connection.execute(insert(seals), chain)
    return len(chain)


def chained_hash(previous: bytes, entry: Mapping[Any, Any]) -> bytes:
    """Return SHA-256 over the hash before and the entry as JSON with sorted keys."""
    payload = {
        key: json_value(entry[key])
        for key in ("id", "at", "actor", "actor_kind", "action", "kind", "subject", "before", "after")
    }
    return hashlib.sha256(previous + orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)).digest()


async def find_broken_seal(connection: AsyncConnection) -> int | None:
    """Return the first position at which the chain does not match the entries, or None where all of it does."""
    previous = GENESIS_HASH
    expected = 0
    joined = select(seals.c.position, seals.c.hash, entries).outerjoin(entries, entries.c.id == seals.c.entry)
    async with connection.stream(joined.order_by(seals.c.position)) as rows:
        async for row in rows.mappings():
            expected += 1
            if row["position"] != expected or row["id"] is None:
                return expected
            previous = chained_hash(previous, row)
            if previous != row["hash"]:
                return expected
    return None
