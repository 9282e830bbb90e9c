"""Guides in SQL: one guide and its draft, and lists of guides. Their editions: `editions.queries`."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, String, and_, delete, exists, func, label, literal, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col

from services.evidence.library.items.tables import Item
from services.evidence.library.renditions.queries import GuideNotFound
from services.evidence.library.topics.queries import topic_and_below
from services.evidence.publications.cited_items.queries import CitingList, find_merged_ids
from services.evidence.publications.guides import rules
from services.evidence.publications.guides.citations.queries import cites_items
from services.evidence.publications.guides.tables import Guide, GuideDraft, GuideStatus, citations, statements
from shared.callers import Caller
from shared.http.pagination import Key
from shared.persistence.columns import select_columns
from shared.persistence.fetch import fetch

ListedStatus = Literal["published", "draft", "review", "withdrawn"]


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
    statement = select(col(Guide.id)).where(col(Guide.id).in_(ids)).order_by(col(Guide.id))
    await session.execute(statement.with_for_update(read=True))


async def find_draft(session: AsyncSession, guide_id: UUID) -> GuideDraft | None:
    """Return the draft of the next edition, or None."""
    return await session.get(GuideDraft, guide_id)


async def get_draft(session: AsyncSession, guide_id: UUID) -> GuideDraft:
    """Return the draft of the next edition. Raises NoDraft."""
    return await fetch(session, GuideDraft, guide_id, missing=rules.NoDraft)


async def delete_statements(session: AsyncSession, guide_id: UUID) -> None:
    """Delete the rows of the published statements, with their citations."""
    await session.execute(delete(statements).where(statements.c.guide_id == guide_id))


async def select_guides(
    session: AsyncSession,
    *,
    status: ListedStatus,
    topic: UUID | None,
    way_of_knowing: str | None,
    cites: UUID | None,
    due: date | None,
    owner: UUID | None,
) -> Select[Any]:
    """Return the statement of guides as `GuideBrief`, to be paged by `order_guides`. Raises TopicNotFound.

    `topic`: it, or one below it. `cites`: this item, or one merged into it.
    """
    if status == "published":
        statement = _published_briefs
    elif status == "withdrawn":
        statement = _briefs.where(col(Guide.status) == "withdrawn")
    else:
        drafts = select(col(GuideDraft.id)).where(col(GuideDraft.status) == status)
        statement = _briefs.where(col(Guide.id).in_(drafts))
    if topic is not None:
        statement = statement.where(col(Guide.topics).op("&&")(await topic_and_below(session, topic)))
    if way_of_knowing is not None:
        statement = statement.where(_has_citation(and_(_is_sound, col(Item.way_of_knowing) == way_of_knowing)))
    if cites is not None:
        statement = statement.where(_has_citation(cites_items(await find_merged_ids(session, cites))))
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


BY_CITED_PLACE = CitingList(
    col(Guide.id),
    select(statements.c.guide_id.label("source_id"), citations.c.item_id)
    .join(citations, citations.c.statement_id == statements.c.id)
    .subquery(),
)
"""Published editions, by the places of the items that they cite."""


def _select_from_cited_items(column: ColumnElement[Any] | Mapped[Any]) -> Select[Any]:
    """Select this column of the items that a guide cites, within a statement that selects guides."""
    return (
        select_columns(column)
        .select_from(statements)
        .join(citations, citations.c.statement_id == statements.c.id)
        .join(Item, col(Item.id) == citations.c.item_id)
        .where(statements.c.guide_id == col(Guide.id))
    )


def _has_citation(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(_select_from_cited_items(literal(1)).where(condition))


_is_sound = and_(
    col(Item.status).in_(("published", "merged")),
    col(Item.retraction)["nature"].astext.is_distinct_from("retraction"),
)
_briefs = select_columns(
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
        _select_from_cited_items(col(Item.way_of_knowing))
        .where(_is_sound)
        .distinct()
        .order_by(col(Item.way_of_knowing))
        .scalar_subquery(),
        type_=ARRAY(String),
    ).label("ways_of_knowing"),
    exists(_select_from_cited_items(literal(1)).where(citations.c.flagged_reason.is_not(None))).label("is_flagged"),
)
_published_briefs = _briefs.where(col(Guide.status) == "published")


async def get_published_guides(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, GuideBrief]:
    """Return those of the guides that are published, in brief."""
    if not ids:
        return {}
    rows = await session.execute(_published_briefs.where(col(Guide.id).in_(ids)))
    return {guide.id: guide for guide in map(GuideBrief._make, rows)}
