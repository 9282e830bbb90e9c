"""Changes of published items and guides, read without a gap, as entries of the search index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.discovery.search.index.layout import GUIDE_BIT, WAY_BITS, IndexEntry
from services.evidence.library.items.attribution import credited_names
from services.evidence.library.items.tables import ItemStatus
from services.evidence.library.years import dates_of
from services.evidence.publications.guides.citations.queries import get_doubts, get_shown_texts
from services.evidence.publications.guides.tables import GuideStatus
from shared.events.contracts.evidence import WayOfKnowing

MAX_BATCH_CHANGES = 500

_NOW = """(
    SELECT (pg_snapshot_xmin(snapshot)::text)::bigint AS horizon,
        (pg_snapshot_xmax(snapshot)::text)::bigint AS next_transaction
    FROM pg_current_snapshot() AS snapshot
)"""
_NEXT = """LEFT JOIN LATERAL (
        SELECT changed_in, {id} FROM {changes}
        WHERE changed_in >= :since AND (changed_in, {id}) > (:after, :id)
            AND (:since = 0 OR changed_in < now.next_transaction)
        ORDER BY changed_in, {id}
        LIMIT :limit
    ) change ON true"""
"""The page is cut before its rows are joined: otherwise the whole backlog would be joined once for each page."""
_ITEMS = text(
    f"""
    SELECT now.horizon, now.next_transaction, change.changed_in, change.item_id AS id, item.status, item.way_of_knowing,
        item.title, item.summary, item.country, item.setting, item.language, item.details, item.published_at,
        ARRAY(SELECT topic_id::text FROM filings WHERE filings.item_id = item.id) AS topics
    FROM {_NOW} now
    {_NEXT.format(id="item_id", changes="item_changes")}
    LEFT JOIN items item ON item.id = change.item_id
    ORDER BY change.changed_in, change.item_id
    """  # noqa: S608  no value is put in
)
GUIDE_WAYS = """
    SELECT DISTINCT item.way_of_knowing
    FROM guide_statements statement
    JOIN guide_citations citation ON citation.statement_id = statement.id
    JOIN items item ON item.id = citation.item_id AND item.status IN ('published', 'merged')
        AND item.retraction ->> 'nature' IS DISTINCT FROM 'retraction'
    WHERE statement.guide_id = guide.id
"""
"""The ways of knowing that a guide cites: those of its cited items that are not retracted."""
_GUIDES = text(
    f"""
    SELECT now.horizon, now.next_transaction, change.changed_in, change.guide_id AS id, guide.status,
        guide.title, guide.summary, guide.language, guide.published_at, guide.topics::text[] AS topics,
        ARRAY({GUIDE_WAYS}) AS ways
    FROM {_NOW} now
    {_NEXT.format(id="guide_id", changes="guide_changes")}
    LEFT JOIN guides guide ON guide.id = change.guide_id
    ORDER BY change.changed_in, change.guide_id
    """  # noqa: S608  no value is put in
)
_DATABASE = text(
    """
    SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
        (SELECT timeline_id FROM pg_control_checkpoint()),
        (SELECT oid FROM pg_database WHERE datname = current_database()), 'item_changes'::regclass::oid) AS identity,
        (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint AS next_transaction
    """
)
TEXT_FIELDS = (
    "account",
    "what_was_done",
    "what_happened",
    "what_it_needs",
    "role",
    "service",
    "intervention",
    "population",
    "sample",
    "involvement",
)
"""The texts among an item's details. Never a consent or a credit: of these, only names that are shown are indexed."""

_TOPIC_SYNONYMS = text(
    """
    SELECT topic.name, array_agg(synonym.word ORDER BY synonym.word) AS synonyms
    FROM topics topic JOIN topic_synonyms synonym ON synonym.topic_id = topic.id
    GROUP BY topic.id ORDER BY topic.id
    """
)


class DatabaseIdentity(NamedTuple):
    """Which database this is: after a restore or a failover it is another. `next_transaction` has not begun yet."""

    identity: str
    next_transaction: int


class ChangedItem(NamedTuple):
    """A row of _ITEMS: a change, and its item as it is now. Where nothing changed, `id` is None in the only row."""

    horizon: int
    next_transaction: int
    changed_in: int
    id: UUID | None
    status: ItemStatus
    way_of_knowing: WayOfKnowing
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: Mapping[str, Any]
    published_at: datetime | None
    topics: list[str]

    def to_entry(self) -> IndexEntry:
        """Return the item as it is indexed."""
        details = self.details
        keywords: Sequence[str] = details.get("keywords", ())
        texts = texts_of_item(self.summary, details)
        is_research = self.way_of_knowing == "research"
        dates = dates_of(self.way_of_knowing, details, self.published_at)
        return IndexEntry(
            id=str(self.id),
            ways_mask=WAY_BITS[self.way_of_knowing],
            title=self.title,
            text=_lines([*texts, self.setting or "", *keywords]),
            names=_lines([*credited_names(self.way_of_knowing, details), *details.get("editors", ())]),
            source=details.get("published_in") or "",
            topics=self.topics,
            country=self.country,
            date=dates and dates.first,
            end_date=dates and dates.last,
            setting=self.setting,
            language=self.language,
            kind=details.get("kind"),
            design=details.get("design"),
            identifiers=[f"{name['scheme']}:{name['value']}" for name in details.get("identifiers", ())],
            spelling_text=_lines(keywords if is_research else texts),
        )


class ChangedGuide(NamedTuple):
    """A row of _GUIDES: a change, and its guide as it is now. Where nothing changed, `id` is None in the only row."""

    horizon: int
    next_transaction: int
    changed_in: int
    id: UUID | None
    status: GuideStatus
    title: str
    summary: str
    language: str
    published_at: datetime | None
    topics: list[str]
    ways: list[WayOfKnowing]

    def to_entry(self, texts: Sequence[str]) -> IndexEntry:
        """Return the guide as it is indexed, with these texts of its statements."""
        return IndexEntry(
            id=str(self.id),
            ways_mask=GUIDE_BIT | sum(WAY_BITS[way] for way in self.ways),
            title=self.title,
            text=_lines([self.summary, *texts]),
            topics=self.topics,
            date=_day(self.published_at),
            language=self.language,
            spelling_text=self.summary,
        )


_SOURCES: Mapping[str, tuple[TextClause, type[ChangedItem] | type[ChangedGuide]]] = {
    "items": (_ITEMS, ChangedItem),
    "guides": (_GUIDES, ChangedGuide),
}
SOURCES = tuple(_SOURCES)
"""What is indexed, in the order in which it is read."""


@dataclass(frozen=True)
class ChangeBatch:
    """Changes in the order of their transactions. No transaction below `horizon` is under way any more."""

    horizon: int
    next_transaction: int
    """No transaction from here on has begun. A change with such a number came with a restore, from a cluster that had
    counted further: it is read only from the beginning, and counts as earlier than any change since."""
    entries: dict[tuple[int, UUID], IndexEntry | None] = field(
        default_factory=dict[tuple[int, UUID], IndexEntry | None]
    )
    """By transaction and id; None for what is no longer published."""

    @property
    def is_last(self) -> bool:
        """Whether no more changes follow."""
        return len(self.entries) < MAX_BATCH_CHANGES


async def database_identity(session: AsyncSession) -> DatabaseIdentity:
    """Return the identity of the database and its next transaction."""
    row = (await session.execute(_DATABASE)).one()
    return DatabaseIdentity(row.identity, row.next_transaction)


async def topic_synonyms(session: AsyncSession) -> list[tuple[str, ...]]:
    """Return the name of each topic with its other names."""
    return [(row.name, *row.synonyms) for row in await session.execute(_TOPIC_SYNONYMS)]


async def changes_since(session: AsyncSession, source: str, since: int, after: tuple[int, UUID]) -> ChangeBatch:
    """Return the next changes of `items` or `guides`: of transaction `since` and later ones, after the key `after`."""
    statement, row_type = _SOURCES[source]
    parameters = {"since": since, "after": after[0], "id": after[1], "limit": MAX_BATCH_CHANGES}
    rows = [row_type._make(row) for row in await session.execute(statement, parameters)]
    shown = [row for row in rows if row.status == "published"]
    guide_ids = [row.id for row in shown if isinstance(row, ChangedGuide) and row.id is not None]
    texts = await get_shown_texts(session, guide_ids, await get_doubts(session, guide_ids))
    entries: dict[tuple[int, UUID], IndexEntry | None] = {
        (row.changed_in, row.id): None for row in rows if row.id is not None
    }
    for row in shown:
        if row.id is not None:
            is_guide = isinstance(row, ChangedGuide)
            entries[row.changed_in, row.id] = row.to_entry(texts.get(row.id, ())) if is_guide else row.to_entry()
    return ChangeBatch(rows[0].horizon, rows[0].next_transaction, entries)


def texts_of_item(summary: str, details: Mapping[str, Any]) -> list[str]:
    """Return the texts of an item that are searched, beside its title and keywords."""
    return [summary, *(details.get(name) or "" for name in TEXT_FIELDS)]


def _lines(texts: Sequence[str]) -> str:
    return "\n".join(filter(None, texts))


def _day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None
