"""What is asked of appraisals. Those of an item that is not published are nowhere."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.appraisals.rules import AppraisalNotFound
from services.evidence.library.appraisals.tables import Appraisal, Judgement
from services.evidence.library.items.tables import Item

_ANSWERS = text(
    """
    SELECT appraisal.instrument, one.value AS first, other.value AS second, count(*) AS number
    FROM appraisals appraisal
    JOIN items item ON item.id = appraisal.item_id AND item.state = 'published'
    JOIN judgements a ON a.appraisal_id = appraisal.id AND a.place = 1
    JOIN judgements b ON b.appraisal_id = appraisal.id AND b.place = 2
    CROSS JOIN LATERAL jsonb_each_text(a.answers) one
    JOIN LATERAL jsonb_each_text(b.answers) other ON other.key = one.key
    GROUP BY 1, 2, 3
    """
)
_NUMBERS = text(
    """
    SELECT appraisal.instrument, count(*) AS appraisals,
        count(*) FILTER (WHERE appraisal.state = 'resolved') AS resolved
    FROM appraisals appraisal JOIN items item ON item.id = appraisal.item_id AND item.state = 'published'
    GROUP BY 1 ORDER BY 1
    """
)


async def of_item(session: AsyncSession, item_id: UUID) -> Sequence[Appraisal]:
    """Of a published item, the latest first."""
    wanted = _shown().where(col(Appraisal.item_id) == item_id).order_by(col(Appraisal.id).desc())
    return (await session.execute(wanted)).scalars().all()


async def one(session: AsyncSession, item_id: UUID, appraisal_id: UUID) -> Appraisal:
    """Of a published item. Raises AppraisalNotFound."""
    found = (await session.execute(_the(item_id, appraisal_id))).scalar_one_or_none()
    if found is None:
        raise AppraisalNotFound
    return found


async def lock(session: AsyncSession, item_id: UUID, appraisal_id: UUID) -> Appraisal:
    """The same, for a change: a third judgement waits here and then finds two. Raises AppraisalNotFound."""
    wanted = _the(item_id, appraisal_id).with_for_update(of=Appraisal)
    found = (await session.execute(wanted)).scalar_one_or_none()
    if found is None:
        raise AppraisalNotFound
    return found


async def judgements(session: AsyncSession, appraisal_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Judgement]]:
    """By appraisal, in the order in which they were handed in."""
    statement = select_rows(Judgement).where(col(Judgement.appraisal_id).in_(appraisal_ids))
    found: dict[UUID, list[Judgement]] = defaultdict(list)
    for judged in (await session.execute(statement.order_by(col(Judgement.place)))).scalars():
        found[judged.appraisal_id].append(judged)
    return found


async def same(session: AsyncSession, appraisal: Appraisal) -> UUID | None:
    """The appraisal of the same edition by the same instrument."""
    statement = select(col(Appraisal.id)).where(
        col(Appraisal.item_id) == appraisal.item_id,
        col(Appraisal.instrument) == appraisal.instrument,
        col(Appraisal.edition) == appraisal.edition,
    )
    return await session.scalar(statement)


def waiting() -> Select[Any]:
    """Appraisals that want a judgement or a resolution. To be paged by id."""
    names = ("id", "item_id", "instrument", "edition", "state", "created_at")
    columns: list[Any] = [getattr(Appraisal, name) for name in names]
    wanted: Any = select(*columns, col(Item.edition).label("current_edition"))
    return wanted.join(Item, col(Item.id) == col(Appraisal.item_id)).where(
        col(Item.state) == "published", col(Appraisal.state) != "resolved"
    )


async def answers_in_pairs(session: AsyncSession) -> Mapping[str, Mapping[tuple[str, str], int]]:
    """By instrument: how often the first and the second answered which to the same criterion."""
    found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in await session.execute(_ANSWERS):
        found[row.instrument][row.first, row.second] = row.number
    return found


async def numbers(session: AsyncSession) -> Sequence[Any]:
    """By instrument: how many appraisals there are, and how many are resolved."""
    return (await session.execute(_NUMBERS)).all()


async def way_of_knowing(session: AsyncSession, item_id: UUID) -> str | None:
    return await session.scalar(select(col(Item.way_of_knowing)).where(col(Item.id) == item_id))


async def all_of_item(session: AsyncSession, item_id: UUID) -> Sequence[Appraisal]:
    """Whatever has become of the item."""
    statement = select_rows(Appraisal).where(col(Appraisal.item_id) == item_id).order_by(col(Appraisal.id))
    return (await session.execute(statement.with_for_update())).scalars().all()


def _shown() -> SelectOfScalar[Appraisal]:
    published = col(Item.state) == "published"
    return select_rows(Appraisal).join(Item, col(Item.id) == col(Appraisal.item_id)).where(published)


def _the(item_id: UUID, appraisal_id: UUID) -> SelectOfScalar[Appraisal]:
    return _shown().where(col(Appraisal.item_id) == item_id, col(Appraisal.id) == appraisal_id)
