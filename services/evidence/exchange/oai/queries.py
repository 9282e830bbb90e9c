"""What is asked of the records, and the stamping of those that changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.oai.rules import Selection
from services.evidence.exchange.oai.tables import ANY_TOPIC, oai_memberships, oai_records
from services.evidence.library.items.tables import Item
from services.evidence.library.topics.queries import may_read_tree
from services.evidence.library.topics.tables import Topic
from shared.persistence.database import Database

MOST_AT_ONCE = 1_000
RECORDS_ON_PAGE = 100
SETS_ON_PAGE = 500
MOST_COUNTED = 10_000
"""The size of a longer list is not said: counting it would cost more than its pages."""

HAS_CHANGES = "SELECT EXISTS (SELECT FROM oai_changes)"
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('oai stamps'))")
_TOGETHER = text("SELECT pg_advisory_xact_lock_shared(hashtext('oai stamps'))")
_STAMP = text(
    """
    WITH RECURSIVE now (at) AS MATERIALIZED (
        SELECT greatest(clock_timestamp(), (SELECT max(stamped_at) FROM oai_records) + interval '1 microsecond')
    ), near AS MATERIALIZED (
        SELECT id, min(place) OVER (PARTITION BY item_id) AS place
        FROM (
            SELECT id, item_id, row_number() OVER (ORDER BY id) AS place
            FROM (SELECT id, item_id FROM oai_changes ORDER BY id LIMIT 3 * :most) first
        ) numbered
    ), taken AS (
        -- An array, not a join: the changes come and go, so PostgreSQL may think that there are none.
        DELETE FROM oai_changes WHERE id = ANY(ARRAY(SELECT id FROM near WHERE place <= :most))
        RETURNING item_id
    ), kept AS (
        INSERT INTO oai_records AS known (item_id, stamped_at, way_of_knowing, deleted, topics)
        SELECT item.id, now.at, item.way_of_knowing, item.state <> 'published',
            ARRAY(SELECT topic_id FROM filings WHERE filings.item_id = item.id ORDER BY topic_id)
        FROM now, (SELECT DISTINCT item_id FROM taken) changed JOIN items item ON item.id = changed.item_id
        WHERE item.state = 'published' OR EXISTS (SELECT FROM oai_records seen WHERE seen.item_id = item.id)
        ORDER BY item.id
        ON CONFLICT (item_id) DO UPDATE SET stamped_at = excluded.stamped_at, deleted = excluded.deleted,
            topics = CASE WHEN excluded.deleted THEN known.topics ELSE excluded.topics END
        RETURNING item_id, stamped_at, topics
    ), up (topic_id, above) AS (
        SELECT DISTINCT topic_id, topic_id FROM kept, unnest(topics) AS topic_id
        UNION
        SELECT up.topic_id, topics.parent_id FROM up JOIN topics ON topics.id = up.above
        WHERE topics.parent_id IS NOT NULL
    ), wanted AS (
        SELECT DISTINCT up.above AS topic_id, kept.item_id, kept.stamped_at
        FROM kept CROSS JOIN unnest(kept.topics) AS filed JOIN up ON up.topic_id = filed
        UNION ALL
        SELECT :any_topic, item_id, stamped_at FROM kept WHERE topics <> '{}'
    ), left_out AS (
        DELETE FROM oai_memberships member USING kept
        WHERE member.item_id = kept.item_id AND NOT EXISTS (
            SELECT FROM wanted WHERE wanted.topic_id = member.topic_id AND wanted.item_id = member.item_id
        )
    ), let_in AS (
        INSERT INTO oai_memberships (topic_id, item_id, stamped_at) SELECT topic_id, item_id, stamped_at FROM wanted
        ON CONFLICT (topic_id, item_id) DO UPDATE SET stamped_at = excluded.stamped_at
    )
    SELECT count(*) FROM taken
    """
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of a list as it stood at `at`, the time of the answer, and one record more where the list goes on."""

    at: datetime
    rows: Sequence[Row[Any]]
    size: int | None = None

    @property
    def shown(self) -> Sequence[Row[Any]]:
        return self.rows[:RECORDS_ON_PAGE]

    @property
    def goes_on(self) -> bool:
        return len(self.rows) > RECORDS_ON_PAGE


async def has_changes(database: Database) -> bool:
    return (await database.statements.read(HAS_CHANGES))[0][0]


async def stamp_changes(session: AsyncSession) -> int:
    """Give a batch of changed records one time, later than every other. Returns how many changes it took in.

    The other changes of these records that wait nearby are taken in too: an import notes each item that it publishes
    once for its words and once for its topics. None while a topic moves: whoever moves it has noted what was filed
    below it until then, and what is filed since would be stamped with its place of before, and stay there.
    """
    if not await may_read_tree(session):
        return 0
    await session.execute(_ALONE)
    return await session.scalar(_STAMP, {"most": MOST_AT_ONCE, "any_topic": ANY_TOPIC}) or 0


async def page(session: AsyncSession, selection: Selection, *, words: bool) -> Answer:
    """The records of a selection in the order of their times. `words`: with what the items say."""
    await session.execute(_TOGETHER)
    at = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    rows = (await session.execute(page_of(selection, words=words))).all()
    size = selection.after.size if selection.after else None
    if selection.after is None and len(rows) > RECORDS_ON_PAGE:
        size = await _size(session, selection)
    return Answer(at, rows, size)


def page_of(selection: Selection, *, words: bool) -> Select[Any]:
    chosen, columns = _chosen(selection)
    place = selection.after
    if place is not None:
        chosen = chosen.where(tuple_(columns.stamped_at, columns.item_id) > tuple_(place.stamped_at, place.item_id))
    found = chosen.order_by(columns.stamped_at, columns.item_id).limit(RECORDS_ON_PAGE + 1).subquery()
    wanted: Any = (
        select(found.c.stamped_at, *_head())
        .join(oai_records, oai_records.c.item_id == found.c.item_id)
        .join(Item, col(Item.id) == found.c.item_id)
        .order_by(found.c.stamped_at, found.c.item_id)
    )
    return wanted.add_columns(*_WORDS) if words else wanted


def _chosen(selection: Selection) -> tuple[Select[Any], Any]:
    table = oai_records if selection.topic is None else oai_memberships
    chosen: Any = select(table.c.item_id, table.c.stamped_at)
    if selection.topic is not None:
        chosen = chosen.where(oai_memberships.c.topic_id == selection.topic)
    if selection.way is not None:
        chosen = chosen.where(oai_records.c.way_of_knowing == selection.way)
    if selection.since is not None:
        chosen = chosen.where(table.c.stamped_at >= selection.since)
    if selection.before is not None:
        chosen = chosen.where(table.c.stamped_at < selection.before)
    return chosen, table.c


def _head() -> tuple[Any, ...]:
    return (
        col(Item.id),
        col(Item.way_of_knowing),
        (col(Item.state) == literal("published")).label("shown"),
        oai_records.c.topics,
    )


_WORDS: tuple[Any, ...] = (
    col(Item.title),
    col(Item.summary),
    col(Item.country),
    col(Item.setting),
    col(Item.language),
    col(Item.own),
    col(Item.retraction),
    col(Item.published_at),
)


async def _size(session: AsyncSession, selection: Selection) -> int | None:
    few = _chosen(selection)[0].limit(MOST_COUNTED + 1).subquery()
    counted = await session.scalar(select(func.count()).select_from(few)) or 0
    return counted if counted <= MOST_COUNTED else None


async def record(session: AsyncSession, item_id: UUID) -> Row[Any] | None:
    """One record with its words, or None where there never was one."""
    wanted: Any = select(oai_records.c.stamped_at, *_head(), *_WORDS).join(Item, col(Item.id) == oai_records.c.item_id)
    return (await session.execute(wanted.where(oai_records.c.item_id == item_id))).first()


async def earliest(session: AsyncSession) -> datetime | None:
    """The time of the record that has not changed for longest."""
    return await session.scalar(select(func.min(oai_records.c.stamped_at)))


async def topics_above(session: AsyncSession, topics: Collection[UUID]) -> dict[UUID, tuple[str, UUID | None]]:
    """Name and parent of each of these topics, and of all above them."""
    here = select(col(Topic.id), col(Topic.name), col(Topic.parent_id)).where(col(Topic.id).in_(topics))
    up = here.cte("up", recursive=True)
    up = up.union(
        select(col(Topic.id), col(Topic.name), col(Topic.parent_id)).join(up, up.c.parent_id == col(Topic.id))
    )
    return {row.id: (row.name, row.parent_id) for row in await session.execute(select(up))}


async def topics_after(session: AsyncSession, last: UUID | None) -> Sequence[UUID]:
    """By id: one more than a page holds where there is more."""
    statement = select(col(Topic.id)).order_by(col(Topic.id)).limit(SETS_ON_PAGE + 1)
    if last is not None:
        statement = statement.where(col(Topic.id) > last)
    return (await session.execute(statement)).scalars().all()
