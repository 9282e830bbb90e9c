"""Appraisals and judgements. Those of an item that is not published are not found."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import Select, exists, func, label, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.callers import is_editor
from services.evidence.library.appraisals.tables import Appraisal, Judgement
from services.evidence.library.items import queries as items
from services.evidence.library.items.queries import check_visible
from services.evidence.library.items.tables import Item
from shared.callers import Caller
from shared.problems import NotFound

PUBLIC = Caller()

_ANSWER_PAIRS = text(
    """
    SELECT appraisal.instrument, first_answer.value AS first, second_answer.value AS second, count(*) AS number
    FROM appraisals appraisal
    JOIN items item ON item.id = appraisal.item_id AND item.status = 'published'
    JOIN judgements a ON a.appraisal_id = appraisal.id AND a.position = 1
    JOIN judgements b ON b.appraisal_id = appraisal.id AND b.position = 2
    CROSS JOIN LATERAL jsonb_each_text(a.answers) first_answer
    JOIN LATERAL jsonb_each_text(b.answers) second_answer ON second_answer.key = first_answer.key
    GROUP BY 1, 2, 3
    """
)
_COUNTS = text(
    """
    SELECT appraisal.instrument, count(*) AS appraisals,
        count(*) FILTER (WHERE appraisal.status = 'resolved') AS resolved
    FROM appraisals appraisal JOIN items item ON item.id = appraisal.item_id AND item.status = 'published'
    GROUP BY 1 ORDER BY 1
    """
)


class AppraisalNotFound(NotFound):
    title = "There is no such appraisal"
    detail = "Check the id. The list is at /appraisals of the item."


class AppraisedItem(Protocol):
    """What is needed of an item that is appraised."""

    @property
    def id(self) -> UUID: ...
    @property
    def way_of_knowing(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def edition(self) -> int: ...
    @property
    def details(self) -> Mapping[str, Any]: ...
    @property
    def contributor_id(self) -> UUID | None: ...


class AppraisalRecord(NamedTuple):
    """An appraisal, the judgements in the order in which they were submitted, and the item that they are about."""

    appraisal: Appraisal
    judgements: Sequence[Judgement]
    item: AppraisedItem

    @property
    def version(self) -> int:
        """Increases with each change of what the appraisal shows."""
        rows = (self.appraisal, *self.judgements)
        return sum(row.version for row in rows) + self.item.edition


class InstrumentCount(NamedTuple):
    """How many appraisals by one instrument there are, and how many of them are resolved."""

    instrument: str
    appraisals: int
    resolved: int
    answer_pairs: Mapping[tuple[str, str], int]
    """How often the first and the second appraiser gave which answers to the same criterion."""


async def published_item(session: AsyncSession, item_id: UUID) -> AppraisedItem:
    """Return a published item. Raises ItemNotFound, ItemWithdrawn, ItemMerged."""
    item = await items.get_item(session, item_id)
    check_visible(PUBLIC, item)
    return item


async def lock_published_item(session: AsyncSession, item_id: UUID) -> AppraisedItem:
    """Return a published item, locked. Raises ItemNotFound, ItemWithdrawn, ItemMerged."""
    item = await items.lock_item(session, item_id)
    check_visible(PUBLIC, item)
    return item


async def visible_appraisals(session: AsyncSession, item: AppraisedItem, caller: Caller) -> list[AppraisalRecord]:
    """Return the appraisals of an item that the caller may see, the latest first: the public sees resolved ones."""
    statement = _of_published_items().where(col(Appraisal.item_id) == item.id).order_by(col(Appraisal.id).desc())
    if not is_editor(caller):
        statement = statement.where(col(Appraisal.status) == "resolved")
    appraisals = (await session.execute(statement)).scalars().all()
    judged = await judgements(session, [appraisal.id for appraisal in appraisals])
    return [AppraisalRecord(appraisal, judged.get(appraisal.id, ()), item) for appraisal in appraisals]


async def visible_appraisal(
    session: AsyncSession, item: AppraisedItem, appraisal_id: UUID, caller: Caller
) -> AppraisalRecord:
    """Return an appraisal that the caller may see. Raises AppraisalNotFound."""
    appraisal = (await session.execute(_appraisal(item.id, appraisal_id))).scalar_one_or_none()
    if appraisal is None or (appraisal.status != "resolved" and not is_editor(caller)):
        raise AppraisalNotFound
    return await record_of(session, item, appraisal)


async def record_of(session: AsyncSession, item: AppraisedItem, appraisal: Appraisal) -> AppraisalRecord:
    """Return the appraisal with its judgements."""
    return AppraisalRecord(appraisal, await judgements_of(session, appraisal.id), item)


async def lock_appraisal(session: AsyncSession, item_id: UUID, appraisal_id: UUID) -> Appraisal:
    """Lock an appraisal of a published item: a third judgement waits here and then finds two.

    Raises AppraisalNotFound.
    """
    statement = _appraisal(item_id, appraisal_id).with_for_update(of=Appraisal)
    appraisal = (await session.execute(statement)).scalar_one_or_none()
    if appraisal is None:
        raise AppraisalNotFound
    return appraisal


async def judgements(session: AsyncSession, appraisal_ids: Collection[UUID]) -> Mapping[UUID, Sequence[Judgement]]:
    """Return judgements by appraisal, in the order in which they were submitted."""
    statement = select_rows(Judgement).where(col(Judgement.appraisal_id).in_(appraisal_ids))
    by_appraisal: dict[UUID, list[Judgement]] = defaultdict(list)
    for judgement in (await session.execute(statement.order_by(col(Judgement.position)))).scalars():
        by_appraisal[judgement.appraisal_id].append(judgement)
    return by_appraisal


async def judgements_of(session: AsyncSession, appraisal_id: UUID) -> Sequence[Judgement]:
    """Return the judgements of one appraisal, in the order in which they were submitted."""
    return (await judgements(session, [appraisal_id])).get(appraisal_id, ())


async def same_appraisal(session: AsyncSession, appraisal: Appraisal) -> UUID | None:
    """Return the appraisal of the same edition by the same instrument."""
    statement = select(col(Appraisal.id)).where(
        col(Appraisal.item_id) == appraisal.item_id,
        col(Appraisal.instrument) == appraisal.instrument,
        col(Appraisal.edition) == appraisal.edition,
    )
    return await session.scalar(statement)


def waiting_appraisals(reader: UUID) -> Select[*tuple[Any, ...]]:
    """Select appraisals that lack a judgement or a resolution, and whether the reader has judged. To be paged by id."""
    of_appraisal = col(Judgement.appraisal_id) == col(Appraisal.id)
    judgement_count = select(func.count()).select_from(Judgement).where(of_appraisal).scalar_subquery()
    judged_by_you = exists().where(of_appraisal, col(Judgement.appraiser_id) == reader)
    columns: tuple[Any, ...] = (
        col(Appraisal.id),
        col(Appraisal.item_id),
        col(Appraisal.instrument),
        label("appraised_edition", col(Appraisal.edition)),
        col(Appraisal.status),
        col(Appraisal.created_at),
        label("current_edition", col(Item.edition)),
        col(Appraisal.proposed_by),
        col(Item.title),
        col(Item.way_of_knowing),
        label("judgement_count", judgement_count),
        label("judged_by_you", judged_by_you),
    )
    statement = select(*columns).join(Item, col(Item.id) == col(Appraisal.item_id))
    return statement.where(col(Item.status) == "published", col(Appraisal.status) != "resolved")


async def _answer_pairs(session: AsyncSession) -> Mapping[str, Mapping[tuple[str, str], int]]:
    """Return, by instrument, how often the first and the second appraiser gave which answers to the same criterion."""
    pairs: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in await session.execute(_ANSWER_PAIRS):
        pairs[row.instrument][row.first, row.second] = row.number
    return pairs


async def instrument_counts(session: AsyncSession) -> Sequence[InstrumentCount]:
    """Return how many appraisals there are by each instrument, and which answers they hold."""
    pairs = await _answer_pairs(session)
    return [
        InstrumentCount(row.instrument, row.appraisals, row.resolved, pairs.get(row.instrument, {}))
        for row in await session.execute(_COUNTS)
    ]


async def way_of_knowing(session: AsyncSession, item_id: UUID) -> str | None:
    return await session.scalar(select(col(Item.way_of_knowing)).where(col(Item.id) == item_id))


async def lock_appraisals_of(session: AsyncSession, item_id: UUID) -> Sequence[Appraisal]:
    """Return all appraisals of an item, published or not, locked."""
    statement = select_rows(Appraisal).where(col(Appraisal.item_id) == item_id).order_by(col(Appraisal.id))
    return (await session.execute(statement.with_for_update())).scalars().all()


def _of_published_items() -> SelectOfScalar[Appraisal]:
    is_published = col(Item.status) == "published"
    return select_rows(Appraisal).join(Item, col(Item.id) == col(Appraisal.item_id)).where(is_published)


def _appraisal(item_id: UUID, appraisal_id: UUID) -> SelectOfScalar[Appraisal]:
    return _of_published_items().where(col(Appraisal.item_id) == item_id, col(Appraisal.id) == appraisal_id)
