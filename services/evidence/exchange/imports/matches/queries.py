"""SQL of matched items: what they are, and what records add to them, for a thousand at a time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import ARRAY, Boolean, DateTime, Integer, Text, Uuid, bindparam, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.additions.queries import copy_rows
from services.evidence.exchange.imports.conflicts.tables import ImportConflict, import_conflict_repeats
from services.evidence.exchange.imports.matches.rules import FilledField, MatchedItem, RepeatedField
from services.evidence.library.items.tables import Item, identifiers, item_editions
from services.evidence.library.provenance.tables import imported_fields, repeated_fields
from shared.persistence.columns import in_array
from shared.persistence.tables import new_id

_COLUMNS: tuple[Any, ...] = tuple(getattr(Item, name) for name in MatchedItem.__dataclass_fields__ if name != "learnt")
_UPDATE = text(
    """
    UPDATE items SET summary = filled.summary, details = CAST(filled.details AS jsonb), edition = filled.edition,
        fingerprint = filled.fingerprint, identified = filled.identified, version = items.version + 1, updated_at = :now
    FROM unnest(:ids, :summaries, :details, :editions, :fingerprints, :identified)
        AS filled (id, summary, details, edition, fingerprint, identified)
    WHERE items.id = filled.id
    """
).bindparams(
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("summaries", type_=ARRAY(Text)),
    bindparam("details", type_=ARRAY(Text)),
    bindparam("editions", type_=ARRAY(Integer)),
    bindparam("fingerprints", type_=ARRAY(Text)),
    bindparam("identified", type_=ARRAY(Boolean)),
)


class OfferedValue(NamedTuple):
    """An open conflict, as it is inserted."""

    job_id: UUID
    number: int
    item_id: UUID
    field: str
    value: Any
    digest: str


async def matched_items(session: AsyncSession, ids: Collection[UUID], *, lock: bool = False) -> dict[UUID, MatchedItem]:
    """Return these items.

    `lock` holds them until the transaction ends, and raises at once where somebody else does: who changes an item may
    wait for the lock on works, which an import holds.
    """
    statement = select(*_COLUMNS).where(in_array(col(Item.id), ids)).order_by(col(Item.id))
    if lock:
        statement = statement.with_for_update(nowait=True, key_share=True)
    return {row.id: MatchedItem(*row) for row in await session.execute(statement)}


async def filled_before(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, dict[str, list[Any]]]:
    """Return what files filled of these items, by item and field."""
    filled = imported_fields.c
    statement = select(filled.item_id, filled.field, filled.value).where(in_array(filled.item_id, ids))
    values: dict[UUID, dict[str, list[Any]]] = {}
    for row in await session.execute(statement):
        of_field = values.setdefault(row.item_id, {}).setdefault(row.field, [])
        of_field += row.value if row.field == "identifiers" else [row.value]
    return values


async def fill_items(session: AsyncSession, items: Sequence[MatchedItem], now: datetime) -> None:
    """Write what records added to these items, and the identifiers that were learnt."""
    columns: dict[str, Any] = {
        "now": now,
        "ids": [item.id for item in items],
        "summaries": [item.summary for item in items],
        "details": [_json(item.details) for item in items],
        "editions": [item.edition for item in items],
        "fingerprints": [item.fingerprint for item in items],
        "identified": [item.identified for item in items],
    }
    await session.execute(_UPDATE, columns)
    names = [(scheme, value, item.id) for item in items for scheme, value in item.learnt]
    if names:
        await copy_rows(session, identifiers.name, ("scheme", "value", "item_id"), names)


async def save_editions(session: AsyncSession, editions: Sequence[dict[str, Any]]) -> None:
    """Store what published items said before."""
    if editions:
        rows = ({**edition, "details": _json(edition["details"])} for edition in editions)
        await copy_rows(session, item_editions.name, tuple(editions[0]), (tuple(row.values()) for row in rows))


async def save_fields(session: AsyncSession, fields: Sequence[FilledField]) -> None:
    """Store which record filled which field."""
    if fields:
        rows = (
            row._replace(before=None if row.before is None else _json(row.before), value=_json(row.value))
            for row in fields
        )
        await copy_rows(session, imported_fields.name, FilledField._fields, rows)


async def save_repeats(session: AsyncSession, fields: Sequence[RepeatedField]) -> None:
    """Store which record states what another filled."""
    if fields:
        rows = (row._replace(value=_json(row.value)) for row in fields)
        await copy_rows(session, repeated_fields.name, RepeatedField._fields, rows)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


async def offer_values(session: AsyncSession, offers: Sequence[OfferedValue]) -> int:
    """Put these values before the editors. Returns how many are new.

    What was put before them earlier is not put again; while it is open, it is noted that another source states it.
    """
    if not offers:
        return 0
    conflict = ImportConflict
    key = (col(conflict.item_id), col(conflict.field), col(conflict.digest))
    statement = select(*key, col(conflict.id), col(conflict.job_id), col(conflict.status)).where(
        in_array(key[0], {offer.item_id for offer in offers})
    )
    before = {tuple(row[:3]): row for row in await session.execute(statement)}
    new: dict[tuple[Any, ...], OfferedValue] = {}
    repeats: list[tuple[UUID, int, UUID]] = []
    for offer in offers:
        earlier = before.get((offer.item_id, offer.field, offer.digest))
        if earlier is None:
            new.setdefault((offer.item_id, offer.field, offer.digest), offer)
        elif earlier.status == "open" and earlier.job_id != offer.job_id:
            repeats.append((offer.job_id, offer.number, earlier.id))
    if new:
        rows = [{"id": new_id(), **offer._asdict()} for offer in new.values()]
        await session.execute(insert(ImportConflict).values(status="open"), rows)
    if repeats:
        await copy_rows(
            session, import_conflict_repeats.name, ("job_id", "number", "conflict_id"), dict.fromkeys(repeats)
        )
    return len(new)
