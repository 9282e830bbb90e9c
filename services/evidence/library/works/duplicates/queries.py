"""What is asked of duplicates: what is still to be compared, which works share a key, what was found and decided."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Row,
    Select,
    Uuid,
    any_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.tables import Item
from services.evidence.library.works.duplicates.blocks import MOST_ALIKE
from services.evidence.library.works.duplicates.problems import GroupNotFound
from services.evidence.library.works.duplicates.rules import Pair
from services.evidence.library.works.duplicates.tables import (
    DuplicateGroup,
    duplicate_keys,
    duplicate_pairs,
    pending_comparisons,
)
from shared.persistence.columns import in_array

STANDING = ("draft", "published")

# One more than is wanted of each key: a block that is too large is told from one that is just large enough.
_BLOCKS = text(
    f"""
    SELECT wanted.key, array_agg(held.item_id ORDER BY held.item_id) AS items
    FROM unnest(:keys) AS wanted (key)
    CROSS JOIN LATERAL (
        SELECT item_id FROM duplicate_keys WHERE duplicate_keys.key = wanted.key LIMIT {MOST_ALIKE + 1}
    ) held
    GROUP BY wanted.key HAVING count(*) BETWEEN 2 AND {MOST_ALIKE}
    """  # noqa: S608  the only value put in is a number of ours
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)))

_ADD_KEYS = text(
    "INSERT INTO duplicate_keys (key, item_id) SELECT * FROM unnest(CAST(:keys AS bigint[]), CAST(:items AS uuid[]))"
).bindparams(bindparam("keys", type_=ARRAY(BigInteger)), bindparam("items", type_=ARRAY(Uuid)))

_FORGET_UNDONE = text(
    """
    UPDATE duplicate_pairs SET decided = NULL, merge_id = NULL
    FROM merges WHERE merges.id = duplicate_pairs.merge_id AND merges.state = 'undone'
        AND merges.id IN (SELECT merge_id FROM merged_items WHERE item_id = ANY(:items))
    RETURNING low_id, high_id
    """
).bindparams(bindparam("items", type_=ARRAY(Uuid)))

_MERGED = text(
    """
    SELECT item.id, item.merged_into AS survivor, merges.id AS merge_id
    FROM items item
    JOIN merged_items ON merged_items.item_id = item.id
    JOIN merges ON merges.id = merged_items.merge_id AND merges.state = 'standing'
    WHERE item.id = ANY(:items) AND item.state = 'merged' ORDER BY item.id
    """
).bindparams(bindparam("items", type_=ARRAY(Uuid)))


async def hold_comparing(session: AsyncSession) -> None:
    """Until this transaction ends, nobody else finds or decides duplicates: two new works cannot miss each other."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence duplicates'))"))


async def may_compare(session: AsyncSession) -> bool:
    """The same without waiting: whether it is held now."""
    held = await session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('evidence duplicates'))"))
    return bool(held)


async def pending(session: AsyncSession, most: int) -> tuple[list[int], list[UUID]]:
    """The notes of the oldest changes, and the items that they are about."""
    statement = select(pending_comparisons).order_by(pending_comparisons.c.noted).limit(most)
    rows = (await session.execute(statement)).all()
    return [row.noted for row in rows], sorted({row.item_id for row in rows})


async def forget_pending(session: AsyncSession, notes: Collection[int]) -> None:
    await session.execute(delete(pending_comparisons).where(in_array(pending_comparisons.c.noted, notes, BigInteger)))


async def references(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Any]:
    """Id, title and own fields of those of these that stand: drafts and what is published."""
    statement = select(col(Item.id), col(Item.title), col(Item.details)).where(
        in_array(col(Item.id), ids), col(Item.way_of_knowing) == "research", col(Item.state).in_(STANDING)
    )
    return (await session.execute(statement)).all()


async def set_keys(session: AsyncSession, ids: Collection[UUID], keys: Mapping[UUID, Iterable[int]]) -> None:
    """Keep these keys for these items and no others."""
    await session.execute(delete(duplicate_keys).where(in_array(duplicate_keys.c.item_id, ids)))
    rows = [(key, item) for item, own in keys.items() for key in own]
    if rows:
        await session.execute(_ADD_KEYS, {"keys": [key for key, _ in rows], "items": [item for _, item in rows]})


async def blocks(session: AsyncSession, keys: Collection[int]) -> dict[int, list[UUID]]:
    """The items of each key that at least two and at most `MOST_ALIKE` have."""
    if not keys:
        return {}
    return {row.key: row.items for row in await session.execute(_BLOCKS, {"keys": list(keys)})}


async def pairs_of(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """Every pair that one of these belongs to."""
    pair = duplicate_pairs.c
    return (
        await session.execute(
            select(duplicate_pairs).where(or_(in_array(pair.low_id, ids), in_array(pair.high_id, ids)))
        )
    ).all()


async def open_pairs_of(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Pair]:
    pair = duplicate_pairs.c
    statement = select(pair.low_id, pair.high_id).where(
        pair.decided.is_(None), or_(in_array(pair.low_id, ids), in_array(pair.high_id, ids))
    )
    return [(row.low_id, row.high_id) for row in await session.execute(statement)]


async def keep_pairs(session: AsyncSession, found: Sequence[dict[str, Any]]) -> None:
    """New ones, and those that were found before and are not decided yet."""
    if not found:
        return
    wanted = upsert(duplicate_pairs)
    words = {name: getattr(wanted.excluded, name) for name in ("judgement", "likeness", "reasons")}
    await session.execute(
        wanted.on_conflict_do_update(
            index_elements=["low_id", "high_id"], set_=words, where=duplicate_pairs.c.decided.is_(None)
        ),
        sorted(found, key=lambda pair: (pair["low_id"], pair["high_id"])),
    )


async def decide_pairs(
    session: AsyncSession, wanted: Collection[Pair], decided: str, merge_id: UUID | None = None
) -> None:
    """A person's decision, also of two that no rule found alike. What was decided before stands."""
    if not wanted:
        return
    rows: list[dict[str, Any]] = [
        {
            "low_id": low,
            "high_id": high,
            "judgement": "maybe",
            "likeness": 0,
            "reasons": [],
            "decided": decided,
            "merge_id": merge_id,
        }
        for low, high in sorted(wanted)
    ]
    new = upsert(duplicate_pairs)
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["low_id", "high_id"],
            set_={"decided": new.excluded.decided, "merge_id": new.excluded.merge_id},
            where=duplicate_pairs.c.decided.is_(None),
        ),
        rows,
    )


async def remove_open_pairs(session: AsyncSession, gone: Collection[Pair]) -> None:
    pair = duplicate_pairs.c
    for low, high in sorted(gone):
        await session.execute(
            delete(duplicate_pairs).where(pair.low_id == low, pair.high_id == high, pair.decided.is_(None))
        )


async def forget_undone(session: AsyncSession, ids: Collection[UUID]) -> list[Pair]:
    """Pairs whose decision came with a merge of one of these that was undone: open again, and returned."""
    return [(row.low_id, row.high_id) for row in await session.execute(_FORGET_UNDONE, {"items": list(ids)})]


async def merged_among(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """Of these, those that stand in another item: id, survivor, merge_id."""
    return (await session.execute(_MERGED, {"items": list(ids)})).all()


async def groups_with(session: AsyncSession, members: Collection[UUID]) -> Sequence[DuplicateGroup]:
    """Groups in any state that have one of these, locked, the oldest first."""
    statement = (
        select_rows(DuplicateGroup)
        .where(col(DuplicateGroup.members).op("&&")(bindparam("ids", list(members), type_=ARRAY(Uuid))))
        .order_by(col(DuplicateGroup.id))
        .with_for_update()
    )
    return (await session.execute(statement)).scalars().all()


def groups(state: str, judgement: str | None) -> SelectOfScalar[DuplicateGroup]:
    """To be paged by id. With a judgement: those in which a pair of it waits for a decision."""
    statement = select_rows(DuplicateGroup).where(col(DuplicateGroup.state) == state)
    if judgement is None:
        return statement
    pair, members = duplicate_pairs.c, col(DuplicateGroup.members)
    waits = exists().where(
        pair.low_id == any_(members), pair.high_id == any_(members), pair.judgement == judgement, pair.decided.is_(None)
    )
    return statement.where(waits)


async def group_of(session: AsyncSession, group_id: UUID, *, lock: bool = False) -> DuplicateGroup:
    """Raises GroupNotFound."""
    found = await session.get(DuplicateGroup, group_id, with_for_update=lock or None)
    if found is None:
        raise GroupNotFound
    return found


def pairs_among(ids: Collection[UUID]) -> Select[Any]:
    """What was found between members of groups."""
    pair = duplicate_pairs.c
    return (
        select(duplicate_pairs).where(pair.low_id.in_(ids), pair.high_id.in_(ids)).order_by(pair.low_id, pair.high_id)
    )
