"""What changed since, read without a gap; and items and guides as the index wants them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.discovery.search.layout import GUIDE, VOICE, Entry
from services.evidence.library.items.tables import Item
from services.evidence.publications.guides.tables import Guide

MOST_AT_ONCE = 500

_NOW = """(
    SELECT (pg_snapshot_xmin(seen)::text)::bigint AS horizon, (pg_snapshot_xmax(seen)::text)::bigint AS begun
    FROM pg_current_snapshot() AS seen
)"""
_NEXT = """LEFT JOIN LATERAL (
        SELECT changed_in, {id} FROM {changes}
        WHERE changed_in >= :since AND (changed_in, {id}) > (:last, :id) AND (:since = 0 OR changed_in < now.begun)
        ORDER BY changed_in, {id}
        LIMIT :most
    ) change ON true"""
"""The page is cut before its items are looked up: else the whole backlog would be, once for each of its pages."""
_ITEMS = text(
    f"""
    SELECT now.horizon, now.begun, change.changed_in, change.item_id AS id, item.state, item.way_of_knowing, item.title,
        item.summary, item.country, item.setting, item.language, item.details, item.published_at,
        ARRAY(SELECT topic_id::text FROM filings WHERE filings.item_id = item.id) AS topics
    FROM {_NOW} now
    {_NEXT.format(id="item_id", changes="item_changes")}
    LEFT JOIN items item ON item.id = change.item_id
    ORDER BY change.changed_in, change.item_id
    """  # noqa: S608  our own text
)
_SAID = """
    SELECT string_agg(concat_ws(E'\\n', said.text, said.what_to_try, said.conditions), E'\\n' ORDER BY said.position)
    FROM guide_statements said WHERE said.guide_id = guide.id
"""
_SPEAKING = """
    SELECT DISTINCT item.way_of_knowing
    FROM guide_statements said
    JOIN guide_citations cited ON cited.statement_id = said.id
    JOIN items item ON item.id = cited.item_id AND item.state IN ('published', 'merged')
        AND item.retraction ->> 'nature' IS DISTINCT FROM 'retraction'
    WHERE said.guide_id = guide.id
"""
_GUIDES = text(
    f"""
    SELECT now.horizon, now.begun, change.changed_in, change.guide_id AS id, guide.state, guide.title, guide.summary,
        guide.language, guide.published_at, guide.topics::text[] AS topics, ({_SAID}) AS said,
        ARRAY({_SPEAKING}) AS ways
    FROM {_NOW} now
    {_NEXT.format(id="guide_id", changes="guide_changes")}
    LEFT JOIN guides guide ON guide.id = change.guide_id
    ORDER BY change.changed_in, change.guide_id
    """  # noqa: S608  our own text
)
_SAID_OF = text(
    f"SELECT guide.id, ({_SAID}) AS said, ARRAY({_SPEAKING}) AS ways FROM guides guide WHERE guide.id = ANY(:ids)"  # noqa: S608  our own text
)
_ORIGIN = text(
    """
    SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
        (SELECT timeline_id FROM pg_control_checkpoint()),
        (SELECT oid FROM pg_database WHERE datname = current_database()), 'item_changes'::regclass::oid) AS origin,
        (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint AS begun
    """
)
_SPOKEN = (
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
"""The texts of what is an item's own. Never a consent, a credit or a name."""


_TOPIC_WORDS = text(
    """
    SELECT topic.name, array_agg(other.word ORDER BY other.word) AS words
    FROM topics topic JOIN topic_synonyms other ON other.topic_id = topic.id
    GROUP BY topic.id ORDER BY topic.id
    """
)


@dataclass(frozen=True)
class Changes:
    """Some changes in the order of their transactions. No transaction below `horizon` is under way any more."""

    horizon: int
    begun: int
    """No transaction from here on has begun. What says that it was one of those came with a restore, from a cluster
    that counted further: it is read from the beginning alone, and counts as earlier than any change since."""
    entries: dict[tuple[int, UUID], Entry | None] = field(default_factory=dict[tuple[int, UUID], Entry | None])
    """By the transaction and the id; None for what is no longer shown."""

    @property
    def complete(self) -> bool:
        return len(self.entries) < MOST_AT_ONCE


async def origin(session: AsyncSession) -> tuple[str, int]:
    """Which database this is - a restore or a failover makes another of it - and which transaction comes next."""
    found = (await session.execute(_ORIGIN)).one()
    return found.origin, found.begun


async def topic_words(session: AsyncSession) -> list[tuple[str, ...]]:
    """The name of each topic with what else it is called."""
    return [(row.name, *row.words) for row in await session.execute(_TOPIC_WORDS)]


async def changes(session: AsyncSession, source: str, since: int, after: tuple[int, UUID]) -> Changes:
    """Of `items` or `guides`: those of transaction `since` and later ones, behind the place `after`."""
    statement, entry = _SOURCES[source]
    values = {"since": since, "last": after[0], "id": after[1], "most": MOST_AT_ONCE}
    rows = (await session.execute(statement, values)).all()
    return Changes(
        rows[0].horizon,
        rows[0].begun,
        {
            (row.changed_in, row.id): entry(row) if row.state == "published" else None
            for row in rows
            if row.id is not None
        },
    )


def _item(row: Row[Any]) -> Entry:
    own: dict[str, Any] = row.details
    keywords: Sequence[str] = own.get("keywords", ())
    told = [row.summary, *(own.get(name) or "" for name in _SPOKEN)]
    of_research = row.way_of_knowing == "research"
    return Entry(
        id=str(row.id),
        voices=VOICE[row.way_of_knowing],
        title=row.title,
        words=_lines([*told, row.setting or "", *keywords]),
        names=_lines([*own.get("authors", ()), *own.get("editors", ())]),
        source=own.get("published_in") or "",
        topics=row.topics,
        country=row.country,
        date=own.get("published_on") if of_research else _date(row),
        setting=row.setting,
        language=row.language,
        kind=own.get("kind"),
        design=own.get("design"),
        identifiers=[f"{one['scheme']}:{one['value']}" for one in own.get("identifiers", ())],
        known_by=_lines(keywords if of_research else told),
    )


def _guide(row: Row[Any]) -> Entry:
    return Entry(
        id=str(row.id),
        voices=GUIDE | sum(VOICE[way] for way in row.ways),
        title=row.title,
        words=_lines([row.summary, row.said or ""]),
        topics=row.topics,
        date=_date(row),
        language=row.language,
        known_by=row.summary,
    )


_SOURCES: Mapping[str, tuple[TextClause, Any]] = {"items": (_ITEMS, _item), "guides": (_GUIDES, _guide)}
SOURCES = tuple(_SOURCES)


def _lines(parts: Sequence[str]) -> str:
    return "\n".join(filter(None, parts))


def _date(row: Row[Any]) -> str | None:
    return row.published_at.date().isoformat() if row.published_at else None


async def told_in(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """Of the published ones of these items: the texts in which what was searched for may stand."""
    statement = select(col(Item.id), col(Item.summary), col(Item.details)).where(
        col(Item.id).in_(ids), col(Item.state) == "published"
    )
    found: dict[UUID, list[str]] = {}
    for row in await session.execute(statement):
        told = [row.summary, *(row.details.get(name) or "" for name in _SPOKEN)]
        found[row.id] = [each for each in [*told, "; ".join(row.details.get("keywords", ()))] if each]
    return found


async def published_guides(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Any]:
    """Those of these that are published, with what they say and the ways of knowing that speak in them."""
    if not ids:
        return {}
    statement = select(Guide).where(col(Guide.id).in_(ids), col(Guide.state) == "published")
    shown = {guide.id: guide for guide in (await session.execute(statement)).scalars()}
    said = {row.id: row for row in await session.execute(_SAID_OF, {"ids": list(shown)})}
    return {id: (guide, said[id].said or "", list(said[id].ways)) for id, guide in shown.items()}
