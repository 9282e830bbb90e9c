"""Guides in SQL: one guide, its draft, its editions and citations; lists of guides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    String,
    and_,
    delete,
    exists,
    func,
    label,
    literal,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.tables import Item
from services.evidence.publications.cited_items.queries import get_cited_items
from services.evidence.publications.cited_items.rules import CitedItem
from services.evidence.publications.guides import rules
from services.evidence.publications.guides.citations.queries import GuideCitation, cites_items, get_noted_citations
from services.evidence.publications.guides.documents.content import GuideContent, find_cited_ids
from services.evidence.publications.guides.tables import (
    Guide,
    GuideDraft,
    GuideStatus,
    citations,
    editions,
    statements,
)
from shared.callers import Caller
from shared.http.pagination import Key
from shared.persistence.columns import select_columns
from shared.persistence.fetch import fetch
from shared.problems import NotFound

ListedStatus = Literal["published", "draft", "review"]


class GuideNotFound(NotFound):
    detail = "No guide with this id was found, or it is not published yet. Check the id, or look in the list."


class GuideEditionNotFound(NotFound):
    detail = "This guide has no published edition of this number. The list is at its /versions."


class StoredEdition(NamedTuple):
    """A published edition as it was written. `superseded_at` is None for the current one."""

    content: Mapping[str, Any]
    published_at: datetime
    superseded_at: datetime | None


class GuideBrief(NamedTuple):
    """A guide in a list."""

    id: UUID
    status: GuideStatus
    edition: int
    title: str
    summary: str
    language: str
    topics: list[UUID]
    review_on: date | None
    published_at: datetime | None
    statements: int
    ways_of_knowing: list[str]
    is_flagged: bool


@dataclass(frozen=True)
class EditionSnapshot:
    """An edition, published or next, with all that is shown of it. `content`: what `GuideContent.to_json` returns."""

    guide: Guide
    content: Mapping[str, Any]
    items: Mapping[UUID, CitedItem]
    """By the id that is cited."""
    status: GuideStatus
    edition: int
    published_at: datetime | None = None
    superseded_at: datetime | None = None
    citations: Mapping[tuple[UUID, UUID], GuideCitation] = field(default_factory=dict[tuple[UUID, UUID], GuideCitation])
    """Those that are flagged or have accepted issues, by statement and item."""
    draft: GuideDraft | None = None

    @property
    def is_current(self) -> bool:
        """Whether it is the published edition of today."""
        return self.status == "published" and self.superseded_at is None


async def get_guide(session: AsyncSession, guide_id: UUID) -> Guide:
    """Return the guide. Raises GuideNotFound, GuideIsWithdrawn."""
    guide = await fetch(session, Guide, guide_id, missing=GuideNotFound)
    rules.check_not_withdrawn(guide)
    return guide


async def lock_guide(session: AsyncSession, guide_id: UUID) -> Guide:
    """Return the guide, locked. Raises GuideNotFound, GuideIsWithdrawn."""
    guide = await fetch(session, Guide, guide_id, missing=GuideNotFound, lock=True)
    rules.check_not_withdrawn(guide)
    return guide


async def get_readable_guide(session: AsyncSession, guide_id: UUID, caller: Caller) -> Guide:
    """Return the guide if the caller may see it. Raises GuideNotFound, GuideIsWithdrawn."""
    guide = await get_guide(session, guide_id)
    if not rules.can_read(caller, guide):
        raise GuideNotFound
    return guide


async def lock_guides(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Lock guides FOR SHARE: until the transaction ends nobody withdraws them or publishes another edition."""
    statement: Any = select(col(Guide.id)).where(col(Guide.id).in_(ids)).order_by(col(Guide.id))
    await session.execute(statement.with_for_update(read=True))


async def find_draft(session: AsyncSession, guide_id: UUID) -> GuideDraft | None:
    """Return the draft of the next edition, or None."""
    return await session.get(GuideDraft, guide_id)


async def get_draft(session: AsyncSession, guide_id: UUID) -> GuideDraft:
    """Return the draft of the next edition. Raises NoDraft."""
    return await fetch(session, GuideDraft, guide_id, missing=rules.NoDraft)


async def get_stored_edition(session: AsyncSession, guide_id: UUID, edition: int) -> StoredEdition:
    """Return a published edition. Raises GuideEditionNotFound."""
    statement = select(editions.c.content, editions.c.published_at, editions.c.superseded_at).where(
        editions.c.guide_id == guide_id, editions.c.edition == edition
    )
    row = (await session.execute(statement)).first()
    if row is None:
        raise GuideEditionNotFound
    return StoredEdition._make(row)


async def get_current_content(session: AsyncSession, guide: Guide, draft: GuideDraft | None) -> GuideContent:
    """Return what a change applies to: the draft, or the published edition with the day of its next review."""
    if draft is not None:
        return GuideContent.model_validate(draft.content)
    stored = await get_stored_edition(session, guide.id, guide.edition)
    return GuideContent.model_validate({**stored.content, "review_on": guide.review_on})


async def load_published_edition(session: AsyncSession, guide: Guide, edition: int) -> EditionSnapshot:
    """Load a published edition, with what it cites as that stands today. Raises GuideEditionNotFound."""
    stored = await get_stored_edition(session, guide.id, edition)
    return EditionSnapshot(
        guide,
        stored.content,
        await get_cited_items(session, _find_stored_ids(stored.content)),
        "published",
        edition,
        stored.published_at,
        stored.superseded_at,
        await get_noted_citations(session, guide.id) if edition == guide.edition else {},
    )


async def load_draft(session: AsyncSession, guide: Guide, draft: GuideDraft) -> EditionSnapshot:
    """Load the next edition as it is being written."""
    content = GuideContent.model_validate(draft.content)
    items = await get_cited_items(session, find_cited_ids(content))
    return EditionSnapshot(guide, draft.content, items, draft.status, guide.edition + 1, draft=draft)


async def load_visible_edition(session: AsyncSession, guide_id: UUID, caller: Caller) -> EditionSnapshot:
    """Load the published edition; before the first one, the draft for whoever may see it."""
    guide = await get_readable_guide(session, guide_id, caller)
    if guide.status == "published":
        return await load_published_edition(session, guide, guide.edition)
    return await load_draft(session, guide, await get_draft(session, guide_id))


async def load_visible_version(session: AsyncSession, guide_id: UUID, edition: int, caller: Caller) -> EditionSnapshot:
    """Load a published edition for whoever may see the guide. Raises GuideEditionNotFound."""
    return await load_published_edition(session, await get_readable_guide(session, guide_id, caller), edition)


async def load_next_edition(session: AsyncSession, guide_id: UUID) -> EditionSnapshot:
    """Load the draft of the next edition. Raises NoDraft."""
    return await load_draft(session, await get_guide(session, guide_id), await get_draft(session, guide_id))


def _find_stored_ids(content: Mapping[str, Any]) -> list[UUID]:
    cited = {citation["item_id"] for statement in content["statements"] for citation in statement["citations"]}
    return [UUID(item_id) for item_id in sorted(cited)]


def list_editions(guide_id: UUID) -> Select[Any]:
    """Select the published editions, to be paged by number."""
    columns: tuple[Any, ...] = (
        editions.c.edition,
        editions.c.published_at,
        editions.c.superseded_at,
        editions.c.content["title"].astext.label("title"),
    )
    return select_columns(*columns).where(editions.c.guide_id == guide_id)


async def delete_statements(session: AsyncSession, guide_id: UUID) -> None:
    """Delete the rows of the published statements, with their citations."""
    await session.execute(delete(statements).where(statements.c.guide_id == guide_id))


def list_guides(
    *,
    status: ListedStatus = "published",
    topics: Collection[UUID] | None = None,
    way_of_knowing: str | None = None,
    cites: Collection[UUID] | None = None,
    due: date | None = None,
    owner: UUID | None = None,
) -> Select[Any]:
    """Select guides as `GuideBrief`, to be paged by `order_guides`."""
    statement = select_columns(*_brief)
    if status == "published":
        statement = statement.where(col(Guide.status) == "published")
    else:
        drafts = select(col(GuideDraft.id)).where(col(GuideDraft.status) == status)
        statement = statement.where(col(Guide.id).in_(drafts))
    if topics is not None:
        statement = statement.where(col(Guide.topics).op("&&")(list(topics)))
    if way_of_knowing is not None:
        statement = statement.where(_has_citation(and_(_is_sound, col(Item.way_of_knowing) == way_of_knowing)))
    if cites is not None:
        statement = statement.where(_has_citation(cites_items(cites)))
    if due is not None:
        statement = statement.where(col(Guide.review_on) <= due)
    return statement if owner is None else statement.where(col(Guide.owner_id) == owner)


def order_guides(status: ListedStatus, *, by_review: bool) -> tuple[Sequence[Key], bool]:
    """Return the key of a list of guides, and whether it descends."""
    if status != "published":
        return (col(Guide.id),), False
    if by_review:
        return (col(Guide.review_on), col(Guide.id)), False
    return (col(Guide.published_at), col(Guide.id)), True


def _cited_items_of_guide(column: Any) -> Any:
    return (
        select(column)
        .select_from(statements)
        .join(citations, citations.c.statement_id == statements.c.id)
        .join(Item, col(Item.id) == citations.c.item_id)
        .where(statements.c.guide_id == col(Guide.id))
    )


def _has_citation(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(_cited_items_of_guide(literal(1)).where(condition))


_is_sound = and_(
    col(Item.status).in_(("published", "merged")),
    col(Item.retraction)["nature"].astext.is_distinct_from("retraction"),
)
_brief: tuple[Any, ...] = (
    col(Guide.id),
    label("status", col(Guide.status)),
    col(Guide.edition),
    col(Guide.title),
    func.left(col(Guide.summary), 600).label("summary"),
    col(Guide.language),
    col(Guide.topics),
    col(Guide.review_on),
    col(Guide.published_at),
    select(func.count()).where(statements.c.guide_id == col(Guide.id)).scalar_subquery().label("statements"),
    func.array(
        _cited_items_of_guide(col(Item.way_of_knowing))
        .where(_is_sound)
        .distinct()
        .order_by(col(Item.way_of_knowing))
        .scalar_subquery(),
        type_=ARRAY(String),
    ).label("ways_of_knowing"),
    exists(_cited_items_of_guide(literal(1)).where(citations.c.flagged_reason.is_not(None))).label("is_flagged"),
)


async def get_published_guides(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, GuideBrief]:
    """Return those of the guides that are published, in brief."""
    if not ids:
        return {}
    rows = await session.execute(list_guides().where(col(Guide.id).in_(ids)))
    return {guide.id: guide for guide in map(GuideBrief._make, rows)}
