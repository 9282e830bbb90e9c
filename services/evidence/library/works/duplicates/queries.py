"""What is still to be compared, which works share a blocking key, and the pairs and groups that were found."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Uuid, any_, bindparam, delete, exists, or_, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.tables import Item
from services.evidence.library.provenance.queries import any_came_with
from services.evidence.library.topics.queries import any_filed_under
from services.evidence.library.works.duplicates import statements
from services.evidence.library.works.duplicates.rules import Pair
from services.evidence.library.works.duplicates.tables import (
    Decision,
    DuplicateGroup,
    GroupStatus,
    duplicate_keys,
    duplicate_pairs,
    duplicate_titles,
    pending_comparisons,
)
from services.evidence.library.works.duplicates.works import ComparedTitle
from shared.persistence.columns import in_array
from shared.problems import NotFound

STANDING = ("draft", "published")
"""The statuses of items that are compared: not withdrawn, and not merged into another one."""


class DuplicateGroupNotFound(NotFound):
    title = "There is no such group of duplicates"
    detail = "Check the id. The open ones are at /v1/duplicates."


class PendingBatch(NamedTuple):
    """Rows of pending comparisons, and the items that they are about."""

    ids: list[int]
    items: list[UUID]


class ReferenceRow(NamedTuple):
    """The reference of a research item."""

    id: UUID
    title: str
    details: Mapping[str, Any]


class DuplicatePair(NamedTuple):
    """Two items that are alike, and what a person decided of them."""

    low_id: UUID
    high_id: UUID
    judgement: str
    title_similarity: int
    reasons: list[str]
    decision: Decision | None
    merge_id: UUID | None


class MergedInto(NamedTuple):
    """An item that was merged, and by which merge."""

    item_id: UUID
    survivor_id: UUID
    merge_id: UUID


async def lock_comparison(session: AsyncSession) -> None:
    """Let nobody else find or decide duplicates until this transaction ends: two new works cannot miss each other."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence duplicates'))"))


async def try_lock_comparison(session: AsyncSession) -> bool:
    """Take the lock of `lock_comparison` without waiting. Returns whether it was taken."""
    locked = await session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('evidence duplicates'))"))
    return bool(locked)


async def pending_batch(session: AsyncSession, limit: int) -> PendingBatch:
    """Return the oldest pending comparisons."""
    statement = select(pending_comparisons).order_by(pending_comparisons.c.id).limit(limit)
    rows = (await session.execute(statement)).all()
    return PendingBatch([row.id for row in rows], sorted({row.item_id for row in rows}))


async def delete_pending(session: AsyncSession, ids: Collection[int]) -> None:
    await session.execute(delete(pending_comparisons).where(in_array(pending_comparisons.c.id, ids, BigInteger)))


async def references(session: AsyncSession, ids: Collection[UUID]) -> Sequence[ReferenceRow]:
    """Return the references of those of these items that are drafts or published."""
    statement = select(col(Item.id), col(Item.title), col(Item.details)).where(
        in_array(col(Item.id), ids), col(Item.way_of_knowing) == "research", col(Item.status).in_(STANDING)
    )
    return [ReferenceRow(*row) for row in await session.execute(statement)]


async def set_keys(session: AsyncSession, ids: Collection[UUID], keys: Mapping[UUID, Iterable[int]]) -> None:
    """Replace the blocking keys of these items."""
    await session.execute(delete(duplicate_keys).where(in_array(duplicate_keys.c.item_id, ids)))
    rows = [(key, item) for item, item_keys in keys.items() for key in item_keys]
    if rows:
        await session.execute(
            statements.ADD_KEYS, {"keys": _array(key for key, _ in rows), "items": _array(item for _, item in rows)}
        )


async def set_titles(session: AsyncSession, ids: Collection[UUID], titles: Mapping[UUID, ComparedTitle]) -> None:
    """Replace what is stored of these items to tell them apart."""
    await session.execute(delete(duplicate_titles).where(in_array(duplicate_titles.c.item_id, ids)))
    if titles:
        columns = {
            "items": list(titles),
            "titles": [compared.title for compared in titles.values()],
            "identifiers": [compared.identifiers for compared in titles.values()],
        }
        await session.execute(statements.ADD_TITLES, columns)


async def titles_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, ComparedTitle]:
    """Return what is stored of those of these items that were compared since it is stored."""
    if not ids:
        return {}
    row = (await session.execute(statements.TITLES, {"items": _array(ids)})).one()
    return dict(zip(row.items or (), map(ComparedTitle, row.titles or (), row.identifiers or ()), strict=True))


async def blocks(session: AsyncSession, keys: Collection[int]) -> dict[int, list[UUID]]:
    """Return the items of each key that at least two and at most `MAX_BLOCK_WORKS` have."""
    if not keys:
        return {}
    return {row.key: row.items for row in await session.execute(statements.BLOCKS, {"keys": _array(keys)})}


async def pairs_of(session: AsyncSession, ids: Collection[UUID]) -> Sequence[DuplicatePair]:
    """Return every pair that one of these items belongs to."""
    pair = duplicate_pairs.c
    statement = select(duplicate_pairs).where(or_(in_array(pair.low_id, ids), in_array(pair.high_id, ids)))
    return [DuplicatePair(*row) for row in await session.execute(statement)]


async def pairs_among(session: AsyncSession, ids: Collection[UUID]) -> Sequence[DuplicatePair]:
    """Return the pairs of which both items are among these."""
    if not ids:
        return []
    pair = duplicate_pairs.c
    statement = select(duplicate_pairs).where(pair.low_id.in_(ids), pair.high_id.in_(ids))
    return [DuplicatePair(*row) for row in await session.execute(statement.order_by(pair.low_id, pair.high_id))]


async def open_pairs_of(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Pair]:
    """Return every undecided pair that one of these items belongs to."""
    pair = duplicate_pairs.c
    statement = select(pair.low_id, pair.high_id).where(
        pair.decision.is_(None), or_(in_array(pair.low_id, ids), in_array(pair.high_id, ids))
    )
    return [(row.low_id, row.high_id) for row in await session.execute(statement)]


async def save_pairs(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Add pairs, and update those that are not decided yet."""
    if not rows:
        return
    new = upsert(duplicate_pairs)
    updated = {name: getattr(new.excluded, name) for name in ("judgement", "title_similarity", "reasons")}
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["low_id", "high_id"], set_=updated, where=duplicate_pairs.c.decision.is_(None)
        ),
        sorted(rows, key=lambda row: (row["low_id"], row["high_id"])),
    )


async def decide_pairs(
    session: AsyncSession, pairs: Collection[Pair], decision: Decision, merge_id: UUID | None = None
) -> None:
    """Store a person's decision, also on pairs that no rule found alike. An earlier decision stands."""
    if not pairs:
        return
    rows: list[dict[str, Any]] = [
        {
            "low_id": low,
            "high_id": high,
            "judgement": "maybe",
            "title_similarity": 0,
            "reasons": [],
            "decision": decision,
            "merge_id": merge_id,
        }
        for low, high in sorted(pairs)
    ]
    new = upsert(duplicate_pairs)
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["low_id", "high_id"],
            set_={"decision": new.excluded.decision, "merge_id": new.excluded.merge_id},
            where=duplicate_pairs.c.decision.is_(None),
        ),
        rows,
    )


async def delete_open_pairs(session: AsyncSession, pairs: Collection[Pair]) -> None:
    """Delete those of these pairs that are undecided."""
    pair = duplicate_pairs.c
    for low, high in sorted(pairs):
        await session.execute(
            delete(duplicate_pairs).where(pair.low_id == low, pair.high_id == high, pair.decision.is_(None))
        )


async def reopen_undone(session: AsyncSession, ids: Collection[UUID]) -> list[Pair]:
    """Reopen pairs whose decision came with a merge of one of these items that was undone. Returns them."""
    return [(row.low_id, row.high_id) for row in await session.execute(statements.REOPEN_UNDONE, {"items": list(ids)})]


async def merged_among(session: AsyncSession, ids: Collection[UUID]) -> Sequence[MergedInto]:
    """Return those of these items that are merged into another one."""
    return [MergedInto(*row) for row in await session.execute(statements.MERGED, {"items": list(ids)})]


async def lock_groups_with(session: AsyncSession, members: Collection[UUID]) -> Sequence[DuplicateGroup]:
    """Return the groups, open or decided, that have one of these members, locked, the oldest first."""
    statement = (
        select_rows(DuplicateGroup)
        .where(col(DuplicateGroup.members).op("&&")(bindparam("ids", list(members), type_=ARRAY(Uuid))))
        .order_by(col(DuplicateGroup.id))
        .with_for_update()
    )
    return (await session.execute(statement)).scalars().all()


def groups(
    status: GroupStatus, judgement: str | None, import_id: UUID | None = None, topics: Collection[UUID] | None = None
) -> SelectOfScalar[DuplicateGroup]:
    """Select groups; with a judgement, those with an undecided pair of it; with an import or topics, with their items.

    To be paged by id.
    """
    pair, members = duplicate_pairs.c, col(DuplicateGroup.members)
    statement = select_rows(DuplicateGroup).where(col(DuplicateGroup.status) == status)
    if import_id is not None:
        statement = statement.where(any_came_with(members, import_id))
    if topics is not None:
        statement = statement.where(any_filed_under(members, topics))
    if judgement is None:
        return statement
    has_open_pair = exists().where(
        pair.low_id == any_(members),
        pair.high_id == any_(members),
        pair.judgement == judgement,
        pair.decision.is_(None),
    )
    return statement.where(has_open_pair)


def _array(values: Iterable[int | UUID]) -> str:
    """Return an array as PostgreSQL reads it from text."""
    return f"{{{','.join(map(str, values))}}}"
