"""Who did what, before and after: written with the change, then sealed into a chain of hashes.

Entries commit with the state they tell of and are never changed (a trigger refuses). Chaining each to the one before
within that transaction would make every writer of a service wait for every other, so the worker seals them a moment
later, in the order in which their transactions began. Whoever alters or removes a sealed entry breaks the chain, and
`broken_seal` says where.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import (
    insert,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy import inspect as inspected
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import InstanceState

from shared.callers import Caller
from shared.persistence.platform_tables import audit_entries as entries
from shared.persistence.platform_tables import audit_seals as seals
from shared.persistence.tables import Row

HIDDEN = "•"
FIRST = b"\0" * 32
MOST = 1000
"""Entries sealed in one transaction."""


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    match value:
        case Enum():
            return value.value
        case UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return HIDDEN
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]  any JSON
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]  any JSON
        case _:
            return value


def change_of(row: Row, action: str) -> dict[str, Any]:
    """One entry for a row about to be flushed: only what changed, personal columns hidden."""
    state: InstanceState[Any] = inspected(row)
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
            before[column.name] = HIDDEN if hidden else plain(old)
        if action != "removed" and (new := next(iter(history.added or history.unchanged or ()), None)) is not None:
            after[column.name] = HIDDEN if hidden else plain(new)
    return {
        "action": action,
        "kind": type(row).__name__,
        "subject": row.id,
        "before": before or None,
        "after": after or None,
    }


def columns(caller: Caller | None, changes: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    """The entries of one unit of work as columns for its statement. Without a caller the platform itself acted."""
    actor = (caller.id, caller.kind) if caller else (UUID(int=0), "platform")

    def json(field: str) -> list[str | None]:
        return [orjson.dumps(c[field]).decode() if c[field] is not None else None for c in changes]

    plain_columns = ([c[field] for c in changes] for field in ("action", "kind", "subject"))
    return (*actor, *plain_columns, json("before"), json("after"))


async def maker(session: AsyncSession, kind: str, subject: UUID) -> UUID | None:
    """Who made this row; None of one that was written without an entry, or never was."""
    made = select(entries.c.actor).where(
        entries.c.subject == subject, entries.c.kind == kind, entries.c.action == "created"
    )
    return await session.scalar(made)


async def removal(session: AsyncSession, kind: str, subject: UUID) -> Any:
    """The entry of a row that was removed; None of one that was not, or never was."""
    removed = select(entries).where(entries.c.subject == subject, entries.c.kind == kind, entries.c.action == "removed")
    return (await session.execute(removed)).first()


async def seal(connection: AsyncConnection, most: int = MOST) -> int:
    """Chain the entries that no running transaction can still precede. Returns how many were sealed.

    The caller makes sure that only one process seals.
    """
    sealed = select(seals.c.position, seals.c.hash, entries.c.transaction, entries.c.id).join(
        entries, entries.c.id == seals.c.entry
    )
    last = (await connection.execute(sealed.order_by(seals.c.position.desc()).limit(1))).first()
    position, previous = (last.position, last.hash) if last else (0, FIRST)
    unsealed = select(entries).where(~select(seals.c.entry).where(seals.c.entry == entries.c.id).exists())
    finished = text("transaction < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")
    begun = await connection.scalar(text("SELECT (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint"))
    if last and last.transaction >= begun:
        # Restored into a cluster that counts its transactions anew: what is left from before comes first.
        from_before = entries.c.transaction >= last.transaction
        ready = unsealed.where(or_(finished, from_before)).order_by(from_before.desc())
    else:
        after = (last.transaction, last.id) if last else (0, 0)
        ready = unsealed.where(finished, tuple_(entries.c.transaction, entries.c.id) > after)
    rows = (await connection.execute(ready.order_by(entries.c.transaction, entries.c.id).limit(most))).all()
    chain: list[dict[str, Any]] = []
    for row in rows:
        position += 1
        previous = chained(previous, _told(row))
        chain.append({"position": position, "entry": row.id, "hash": previous})
    if chain:
        await connection.execute(insert(seals), chain)
    return len(chain)


def _told(row: Any) -> dict[str, Any]:
    return dict(zip(row._fields, row, strict=True))


def chained(previous: bytes, entry: Mapping[Any, Any]) -> bytes:
    """SHA-256 over the hash before and the entry in a fixed order of fields."""
    payload = {
        key: plain(entry[key])
        for key in ("id", "at", "actor", "actor_kind", "action", "kind", "subject", "before", "after")
    }
    return hashlib.sha256(previous + orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)).digest()


async def broken_seal(connection: AsyncConnection) -> int | None:
    """The first position at which the chain does not fit the entries, or None when all of it holds."""
    previous = FIRST
    expected = 0
    joined = select(seals.c.position, seals.c.hash, entries).outerjoin(entries, entries.c.id == seals.c.entry)
    async with connection.stream(joined.order_by(seals.c.position)) as rows:
        async for row in rows:
            expected += 1
            if row.position != expected or row.id is None:
                return expected
            previous = chained(previous, _told(row))
            if previous != row.hash:
                return expected
    return None
