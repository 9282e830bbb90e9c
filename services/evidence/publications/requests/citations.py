"""What answers cite, as it is now, with the doubts about it that nobody has decided."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.tables import Item, ItemStatus
from services.evidence.publications.cited_items.queries import get_cited_items, merge_chain
from services.evidence.publications.cited_items.rules import CitedItem, Issue, find_open_issues
from services.evidence.publications.guides.citations.queries import get_doubts
from services.evidence.publications.guides.tables import Guide, GuideStatus, statements
from services.evidence.publications.guides.tables import citations as guide_citations
from services.evidence.publications.requests import rules
from services.evidence.publications.requests.tables import citations
from shared.events.contracts.evidence import WayOfKnowing
from shared.persistence.columns import select_columns

SourceKind = Literal["item", "guide"]


class AnswerCitation(NamedTuple):
    """An item or guide that an answer cites, as it was cited, with its flag."""

    turn_id: UUID
    kind: SourceKind
    source_id: UUID
    edition: int
    flagged_reason: str | None
    flagged_key: str | None
    flagged_at: datetime | None
    accepted: Sequence[Mapping[str, Any]]


class CitedSource(NamedTuple):
    """An item or guide that an answer cites, as it is now. A merged item is replaced by the one it was merged into."""

    citation: AnswerCitation
    id: UUID
    status: ItemStatus | GuideStatus
    title: str | None
    way_of_knowing: WayOfKnowing | None
    current_edition: int
    retraction: Mapping[str, Any] | None
    is_merged: bool
    doubts: Sequence[Issue]
    """Those that nobody has accepted, the most serious first."""

    @property
    def is_hidden_words(self) -> bool:
        """Whether it is somebody's account or practice knowledge that was withdrawn: its words are theirs."""
        is_a_persons = self.citation.kind == "item" and self.way_of_knowing != "research"
        return is_a_persons and any(doubt.reason == "withdrawn" for doubt in self.doubts)


class CitedGuideState(NamedTuple):
    """A guide as it is now, published or withdrawn."""

    id: UUID
    status: GuideStatus
    title: str
    edition: int


@dataclass(frozen=True)
class AnswerSources:
    """Items, by the id that was cited, and guides, as they are now."""

    items: Mapping[UUID, CitedItem]
    guides: Mapping[UUID, CitedGuideState]
    doubts: Mapping[UUID, Sequence[Issue]]
    """Of guides with a statement that is in doubt."""

    def find_doubts(self, citation: AnswerCitation) -> list[Issue]:
        """Return what puts the citation in doubt, the most serious first, whether or not somebody has accepted it."""
        if citation.kind == "item":
            return rules.find_item_doubts(citation.source_id, citation.edition, self.items[citation.source_id])
        guide = self.guides[citation.source_id]
        return rules.find_guide_doubts(guide.status == "published", self.doubts.get(guide.id, ()))

    def describe(self, citation: AnswerCitation) -> CitedSource:
        """Return the source as it is shown."""
        doubts = find_open_issues(self.find_doubts(citation), citation.accepted)
        if citation.kind == "guide":
            guide = self.guides[citation.source_id]
            fields = (guide.id, guide.status, guide.title, None, guide.edition, None, False)
        else:
            item = self.items[citation.source_id]
            is_merged = item.id != citation.source_id
            fields = (item.id, item.status, item.title, item.way_of_knowing, item.edition, item.retraction, is_merged)
        return CitedSource(citation, *fields, doubts)


_columns = [citations.c[name] for name in AnswerCitation._fields]
_guide_columns = (col(Guide.id), col(Guide.status), col(Guide.title), col(Guide.edition))


async def get_citations(session: AsyncSession, turn_ids: Collection[UUID]) -> dict[UUID, list[CitedSource]]:
    """Return what the answer of each turn cites, as it is now."""
    statement = select(*_columns).where(citations.c.turn_id.in_(turn_ids)).order_by(citations.c.position)
    rows = [AnswerCitation._make(row) for row in await session.execute(statement)]
    sources = await get_sources(session, rows)
    cited: dict[UUID, list[CitedSource]] = {turn_id: [] for turn_id in turn_ids}
    for row in rows:
        cited[row.turn_id].append(sources.describe(row))
    return cited


async def get_sources(session: AsyncSession, rows: Collection[AnswerCitation]) -> AnswerSources:
    """Return the items and guides that are cited, as they are now."""
    items = await get_cited_items(session, {row.source_id for row in rows if row.kind == "item"})
    guide_ids = {row.source_id for row in rows if row.kind == "guide"}
    guides: dict[UUID, CitedGuideState] = {}
    if guide_ids:
        statement = select_columns(*_guide_columns).where(col(Guide.id).in_(guide_ids))
        guides = {guide.id: guide for guide in map(CitedGuideState._make, await session.execute(statement))}
    return AnswerSources(items, guides, await get_doubts(session, guide_ids))


async def lock_citations(session: AsyncSession, condition: ColumnElement[bool]) -> list[AnswerCitation]:
    """Return citations, locked in the order of their key."""
    statement = select(*_columns).where(condition).order_by(*citations.primary_key).with_for_update()
    return [AnswerCitation._make(row) for row in await session.execute(statement)]


def cites(kind: SourceKind, ids: Collection[UUID]) -> ColumnElement[bool]:
    """Match citations of any of these items, or of these guides."""
    return and_(citations.c.kind == kind, citations.c.source_id.in_(ids))


def turns_that_cite(conditions: Iterable[ColumnElement[bool]]) -> Select[tuple[UUID]]:
    """Select the turns whose answers cite a published item of which this holds, themselves or through a guide."""
    through_guides = (
        select(citations.c.turn_id, guide_citations.c.item_id)
        .join(statements, statements.c.guide_id == citations.c.source_id)
        .join(guide_citations, guide_citations.c.statement_id == statements.c.id)
        .where(citations.c.kind == "guide")
    )
    themselves = select(citations.c.turn_id, citations.c.source_id.label("item_id")).where(citations.c.kind == "item")
    cited = union(themselves, through_guides).subquery()
    chain = merge_chain(col(Item.id).in_(select(cited.c.item_id)))
    return (
        select(cited.c.turn_id)
        .join(chain, chain.c.cited == cited.c.item_id)
        .join(Item, col(Item.id) == chain.c.id)
        .where(col(Item.status) == "published", *conditions)
    )
