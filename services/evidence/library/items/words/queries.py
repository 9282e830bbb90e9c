"""SQL of words: what is proposed for them, who changed them, and which texts a person has given here before."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Text, case, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import bindparam
from sqlmodel import col
from sqlmodel import select as select_rows

from services.evidence.library.items.tables import (
    Item,
    Proposal,
    Side,
    edition_changes,
    item_editions,
    quotation_scans,
    word_fingerprints,
)
from services.evidence.library.items.words.rules import Fingerprint, KnownText, probes_of
from shared import clock
from shared.persistence.columns import in_array

_row = word_fingerprints.c
_edition = item_editions.c
_is_taken_back = exists().where(
    _edition.item_id == _row.item_id,
    _edition.title == "",
    _edition.details.has_key(func.encode(_row.whole, "hex")),
)
"""Whether the text stands in an edition alone that was erased (`mark_taken_back`)."""


async def remember(
    session: AsyncSession, item_id: UUID, fingerprints: Sequence[Fingerprint], shown_at: datetime
) -> None:
    """Store these for the item, besides those of its earlier words. What was taken back before is given again.

    `shown_at`: since when they are shown, of those that never were.
    """
    rows = [
        {"item_id": item_id, "whole": whole, "shingles": sorted(shingles), "shown_at": shown_at}
        for whole, shingles in set(fingerprints)
    ]
    if not rows:
        return
    statement = insert(word_fingerprints)
    upsert = statement.on_conflict_do_update(
        index_elements=[_row.item_id, _row.whole], set_={"shingles": statement.excluded.shingles}
    )
    await session.execute(upsert, rows)
    keys = bindparam(None, [text.whole.hex() for text in fingerprints], type_=ARRAY(Text))
    erased = _edition.item_id == item_id, _edition.title == "", _edition.details.has_any(keys)
    await session.execute(
        update(item_editions).where(*erased).values(details=_edition.details.op("-", return_type=JSONB)(keys))
    )


async def mark_taken_back(
    session: AsyncSession, item_id: UUID, edition: int, fingerprints: Collection[Fingerprint]
) -> None:
    """Count these texts of an erased edition among those that were taken back, though the item stays.

    The erased edition, which has no details any more, holds their keyed hashes.
    """
    await remember(session, item_id, list(fingerprints), clock.now())
    erased = _edition.item_id == item_id, _edition.edition == edition
    marks = {text.whole.hex(): True for text in fingerprints}
    await session.execute(update(item_editions).where(*erased).values(details=marks))


async def request_scan(session: AsyncSession, item: Item, edition: int | None = None) -> None:
    """Have everything looked for that repeats what was just taken back of the item. A scan under way begins again."""
    begin = {"edition": edition, "stage": 0, "after_id": None}
    statement = insert(quotation_scans).values(item_id=item.id, **begin)
    again = {**begin, "requested_in": statement.excluded.requested_in}
    await session.execute(statement.on_conflict_do_update(index_elements=[quotation_scans.c.item_id], set_=again))


async def has_known_texts(session: AsyncSession) -> bool:
    """Return whether the words of anything are remembered: where none are, nothing needs to be compared."""
    return bool(await session.scalar(select(exists().where(_row.item_id.is_not(None)))))


async def taken_back_shingles(session: AsyncSession) -> frozenset[int]:
    """Return the shingles of everything that was taken back: few texts, of which no word is left."""
    statement = (
        select(_row.shingles)
        .join(Item, col(Item.id) == _row.item_id)
        .where(or_(col(Item.status) == "withdrawn", _is_taken_back))
    )
    return frozenset(chain.from_iterable((await session.execute(statement)).scalars()))


async def known_texts(session: AsyncSession, texts: Collection[tuple[str, Sequence[Fingerprint]]]) -> list[KnownText]:
    """Return the texts that may be copied in these, which stand with their way of knowing: see `rules.copied_text`."""
    wholes = [text.whole for _, of_item in texts for text in of_item]
    if not wholes:
        return []
    shingles = sorted({shingle for way, of_item in texts for text in of_item for shingle in probes_of(text, way)})
    statement = (
        select(
            _row.item_id,
            col(Item.contributor_id),
            case((_is_taken_back, "withdrawn"), else_=col(Item.status)).label("status"),
            _row.whole,
            _row.shingles,
            _row.shown_at,
        )
        .join(Item, col(Item.id) == _row.item_id)
        .where(
            or_(
                in_array(_row.whole, wholes, LargeBinary),
                _row.shingles.overlap(bindparam(None, shingles, type_=ARRAY(BigInteger))),
            )
        )
    )
    return [
        KnownText(
            row.item_id, row.contributor_id, row.status, Fingerprint(row.whole, frozenset(row.shingles)), row.shown_at
        )
        for row in await session.execute(statement)
    ]


async def earlier_texts(session: AsyncSession, item_id: UUID) -> list[tuple[str, dict[str, Any]]]:
    """Return summary and details of each earlier edition whose words were not erased."""
    edition = item_editions.c
    of_item = edition.item_id == item_id, edition.title != ""
    rows = await session.execute(select(edition.summary, edition.details).where(*of_item))
    return [(row.summary, row.details) for row in rows]


async def waiting_proposals(session: AsyncSession, item_id: UUID) -> Sequence[Proposal]:
    """Return the proposals that wait, at most one of each side. The item must be locked."""
    statement = select_rows(Proposal).where(col(Proposal.item_id) == item_id, col(Proposal.status) == "waiting")
    return (await session.execute(statement)).scalars().all()


async def save_change(
    session: AsyncSession, item_id: UUID, edition: int, side: Side, *, agreed: bool, fields: Collection[str]
) -> None:
    """Store from which side an edition came."""
    row = {"item_id": item_id, "edition": edition, "changed_by": side, "agreed": agreed, "fields": sorted(fields)}
    await session.execute(insert(edition_changes), [row])


async def erase_proposed_words(session: AsyncSession, item_id: UUID, now: datetime, *, waiting: bool) -> None:
    """Erase the words of the proposals that were decided, and with `waiting` of the others too, which then end."""
    statement = update(Proposal).where(col(Proposal.item_id) == item_id)
    if not waiting:
        statement = statement.where(col(Proposal.status) != "waiting")
    ended = case((col(Proposal.status) == "waiting", "withdrawn"), else_=col(Proposal.status))
    values: Mapping[str, Any] = {
        "before": {},
        "after": {},
        "reason": None,
        "status": ended,
        "decided_at": func.coalesce(col(Proposal.decided_at), now),
        "version": col(Proposal.version) + 1,
        "updated_at": now,
    }
    await session.execute(statement.values(**values).execution_options(synchronize_session=False))


async def forget_changes(session: AsyncSession, item_id: UUID) -> None:
    """Delete who changed which edition of an item that is withdrawn."""
    await session.execute(delete(edition_changes).where(edition_changes.c.item_id == item_id))
