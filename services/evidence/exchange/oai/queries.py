"""Records, sets and topics for the responses of the protocol."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Table, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.oai.datestamps import hold_datestamps
from services.evidence.exchange.oai.metadata.records import OaiRecord, RecordDescription, RecordHeader, TopicNode
from services.evidence.exchange.oai.resumption_tokens import Selection
from services.evidence.exchange.oai.tables import oai_memberships, oai_records
from services.evidence.library.items.tables import Item
from services.evidence.library.topics.tables import Topic
from shared.persistence.columns import select_columns

RECORDS_PER_PAGE = 100
SETS_PER_PAGE = 500
MAX_COUNTED_RECORDS = 10_000
"""The size of a longer list is not stated: counting it would cost more than its pages."""


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of a list as it was at `responded_at`. `records` has one more if the list goes on."""

    responded_at: datetime
    records: Sequence[OaiRecord]
    size: int | None = None

    @property
    def shown_records(self) -> Sequence[OaiRecord]:
        return self.records[:RECORDS_PER_PAGE]

    @property
    def has_next(self) -> bool:
        return len(self.records) > RECORDS_PER_PAGE


async def read_page(session: AsyncSession, selection: Selection, *, described: bool) -> RecordPage:
    """Return a page of the selected records in the order of their datestamps. `described`: with their descriptions."""
    await hold_datestamps(session)
    responded_at = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    records = [_record(row) for row in await session.execute(page_statement(selection, described=described))]
    size = selection.after.size if selection.after else None
    if selection.after is None and len(records) > RECORDS_PER_PAGE:
        size = await _count_records(session, selection)
    return RecordPage(responded_at, records, size)


def page_statement(selection: Selection, *, described: bool) -> Select[Any]:
    """Return the statement of a page and one more record. The page is read from an index before anything is joined."""
    columns, position = _table_of(selection).c, selection.after
    keys = _selected_keys(selection)
    if position is not None:
        keys = keys.where(tuple_(columns.stamped_at, columns.item_id) > tuple_(position.stamped_at, position.item_id))
    page = keys.order_by(columns.stamped_at, columns.item_id).limit(RECORDS_PER_PAGE + 1).subquery()
    statement = (
        select_columns(page.c.stamped_at, *_header_columns())
        .join(oai_records, oai_records.c.item_id == page.c.item_id)
        .join(Item, col(Item.id) == page.c.item_id)
        .order_by(page.c.stamped_at, page.c.item_id)
    )
    return statement.add_columns(*_DESCRIPTION_COLUMNS) if described else statement


def _table_of(selection: Selection) -> Table:
    return oai_records if selection.topic is None else oai_memberships


def _selected_keys(selection: Selection) -> Select[Any]:
    table = _table_of(selection)
    keys = select_columns(table.c.item_id, table.c.stamped_at)
    if selection.topic is not None:
        keys = keys.where(oai_memberships.c.topic_id == selection.topic)
    if selection.way is not None:
        keys = keys.where(oai_records.c.way_of_knowing == selection.way)
    if selection.since is not None:
        keys = keys.where(table.c.stamped_at >= selection.since)
    if selection.before is not None:
        keys = keys.where(table.c.stamped_at < selection.before)
    return keys


def _header_columns() -> tuple[Any, ...]:
    """Return the columns of RecordHeader after its datestamp."""
    return (
        col(Item.id),
        col(Item.way_of_knowing),
        (col(Item.status) == literal("published")).label("is_published"),
        oai_records.c.topics,
    )


# In the order of RecordDescription's fields.
_DESCRIPTION_COLUMNS = (
    col(Item.title),
    col(Item.summary),
    col(Item.country),
    col(Item.setting),
    col(Item.language),
    col(Item.details),
    col(Item.retraction),
    col(Item.published_at),
)


def _record(values: Sequence[object]) -> OaiRecord:
    """Return the record of these columns: the header's, and the description's if that was requested."""
    size = len(RecordHeader._fields)
    description = RecordDescription._make(values[size:]) if len(values) > size else None
    return OaiRecord(RecordHeader._make(values[:size]), description)


async def _count_records(session: AsyncSession, selection: Selection) -> int | None:
    keys = _selected_keys(selection).limit(MAX_COUNTED_RECORDS + 1).subquery()
    count = await session.scalar(select(func.count()).select_from(keys)) or 0
    return count if count <= MAX_COUNTED_RECORDS else None


async def find_record(session: AsyncSession, item_id: UUID) -> OaiRecord | None:
    """Return a record with its description; None if there never was one."""
    statement = (
        select_columns(oai_records.c.stamped_at, *_header_columns(), *_DESCRIPTION_COLUMNS)
        .join(Item, col(Item.id) == oai_records.c.item_id)
        .where(oai_records.c.item_id == item_id)
    )
    row = (await session.execute(statement)).first()
    return None if row is None else _record(row)


async def earliest_datestamp(session: AsyncSession) -> datetime | None:
    """Return the earliest datestamp of any record; None if there is no record."""
    return await session.scalar(select(func.min(oai_records.c.stamped_at)))


async def topic_tree(session: AsyncSession, topics: Collection[UUID]) -> dict[UUID, TopicNode]:
    """Return these topics and all above them, by id."""
    start = select(col(Topic.id), col(Topic.name), col(Topic.parent_id)).where(col(Topic.id).in_(topics))
    ancestors = start.cte("ancestors", recursive=True)
    ancestors = ancestors.union(
        select(col(Topic.id), col(Topic.name), col(Topic.parent_id)).join(
            ancestors, ancestors.c.parent_id == col(Topic.id)
        )
    )
    rows = await session.execute(select(ancestors))
    return {row.id: TopicNode(row.name, row.parent_id) for row in rows}


async def topics_after(session: AsyncSession, last: UUID | None) -> Sequence[UUID]:
    """Return a page of topics by id, and one more if the list goes on."""
    statement = select(col(Topic.id)).order_by(col(Topic.id)).limit(SETS_PER_PAGE + 1)
    if last is not None:
        statement = statement.where(col(Topic.id) > last)
    return (await session.execute(statement)).scalars().all()
