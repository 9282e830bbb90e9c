"""What is asked of guides and of what they cite.

Whatever a guide shows of an item is read from the item at that moment, in the statement that reads it, and only while
it is published: a withdrawal needs no event to be seen.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    Row,
    Select,
    String,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    label,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.tables import Item
from services.evidence.publications.guides import rules
from services.evidence.publications.guides.documents import GuideContent
from services.evidence.publications.guides.tables import Guide, GuideDraft, citations, editions, statements

LONGEST_CHAIN = 20
"""Merges of merges that are followed."""


async def guide(session: AsyncSession, guide_id: UUID) -> Guide:
    """Raises GuideNotFound."""
    found = await session.get(Guide, guide_id)
    if found is None:
        raise rules.GuideNotFound
    return found


async def lock_guide(session: AsyncSession, guide_id: UUID) -> Guide:
    """Raises GuideNotFound."""
    found = await session.get(Guide, guide_id, with_for_update=True)
    if found is None:
        raise rules.GuideNotFound
    return found


async def draft(session: AsyncSession, guide_id: UUID) -> GuideDraft | None:
    return await session.get(GuideDraft, guide_id)


async def draft_now(session: AsyncSession, guide_id: UUID) -> GuideDraft:
    """Raises NoDraft."""
    found = await draft(session, guide_id)
    if found is None:
        raise rules.NoDraft
    return found


async def content_of(session: AsyncSession, guide_id: UUID, edition: int) -> Row[Any] | None:
    """An edition that was published: `content`, `published_at`, `superseded_at`."""
    statement = select(editions).where(editions.c.guide_id == guide_id, editions.c.edition == edition)
    return (await session.execute(statement)).first()


def editions_of(guide_id: UUID) -> Any:
    """To be paged by number."""
    columns: tuple[Any, ...] = (
        editions.c.edition,
        editions.c.published_at,
        editions.c.superseded_at,
        editions.c.content["title"].astext.label("title"),
    )
    wanted: Any = select(*columns)
    return wanted.where(editions.c.guide_id == guide_id)


def _chain(start: Any) -> CTE:
    """From each item that was cited to the one that stands for it."""
    first: Any = select(label("cited", col(Item.id)), label("id", col(Item.id)), literal(0).label("steps")).where(start)
    chain: CTE = first.cte("chain", recursive=True)
    merged: Any = select(chain.c.cited, col(Item.merged_into), chain.c.steps + 1).where(
        col(Item.id) == chain.c.id, col(Item.merged_into).is_not(None), chain.c.steps < LONGEST_CHAIN
    )
    return chain.union_all(merged)


_shown = col(Item.state) == "published"
_speaking = and_(
    col(Item.state).in_(("published", "merged")),
    col(Item.retraction)["nature"].astext.is_distinct_from("retraction"),
)
_chained = _chain(col(Item.id) == func.any(bindparam("ids", type_=ARRAY(Uuid))))
_citable: Any = (
    select(
        _chained.c.cited,
        col(Item.id),
        col(Item.way_of_knowing),
        col(Item.state),
        col(Item.edition),
        col(Item.retraction),
        col(Item.updated_at),
        col(Item.withdrawn_at),
        case((_shown, col(Item.title)), else_=null()).label("title"),
        case((_shown, col(Item.details)["design"].astext), else_=null()).label("design"),
        case((_shown, col(Item.details)), else_=null()).label("details"),
    )
    .join(_chained, _chained.c.id == col(Item.id))
    .where(col(Item.state) != "merged")
)


async def cited_items(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Any]:
    """What stands today for each of these items, by the id that was cited. Words only of what is published."""
    if not ids:
        return {}
    found = await session.execute(_citable, {"ids": sorted(ids)})
    return {row.cited: row for row in found}


async def hold_items(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Until this transaction ends nobody withdraws, changes or merges these."""
    held: Any = select(col(Item.id)).where(col(Item.id).in_(ids)).order_by(col(Item.id)).with_for_update(read=True)
    await session.execute(held)


async def hold_guides(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Until this transaction ends nobody withdraws these or publishes another edition."""
    held: Any = select(col(Guide.id)).where(col(Guide.id).in_(ids)).order_by(col(Guide.id)).with_for_update(read=True)
    await session.execute(held)


async def citations_of(
    session: AsyncSession, guide_id: UUID, *, noted: bool = False
) -> dict[tuple[UUID, UUID], Row[Any]]:
    """Of the published edition, by statement and item; all, or those of which something is noted."""
    statement = (
        select(citations)
        .join(statements, statements.c.id == citations.c.statement_id)
        .where(statements.c.guide_id == guide_id)
    )
    if noted:
        statement = statement.where(
            or_(citations.c.flagged_at.is_not(None), func.jsonb_array_length(citations.c.kept) > 0)
        )
    return {(row.statement_id, row.item_id): row for row in await session.execute(statement)}


async def keep_edition(session: AsyncSession, standing: Guide, content: GuideContent, now: datetime) -> None:
    """The edition whole, and its statements as rows in the place of the ones before; what editors decided stays."""
    before = await citations_of(session, standing.id)
    earlier = and_(editions.c.guide_id == standing.id, editions.c.superseded_at.is_(None))
    await session.execute(update(editions).where(earlier).values(superseded_at=now))
    kept = {"guide_id": standing.id, "edition": standing.edition, "content": content.kept(), "published_at": now}
    await session.execute(insert(editions), [kept])
    await forget_statements(session, standing.id)
    rows = content.kept()["statements"]
    columns = ("id", "text", "what_to_try", "cost", "effort", "conditions", "confidence")
    said = [
        {name: row[name] for name in columns} | {"guide_id": standing.id, "position": place}
        for place, row in enumerate(rows)
    ]
    await session.execute(insert(statements), said)
    await session.execute(insert(citations), _citing_rows(content, before))


def _citing_rows(content: GuideContent, before: Mapping[tuple[UUID, UUID], Any]) -> list[dict[str, Any]]:
    """Where a statement cites what it cited before, what is noted of that stays."""
    rows: list[dict[str, Any]] = []
    for statement in content.statements:
        for one in statement.citations:
            known = before.get((statement.id or one.item_id, one.item_id))
            noted = known if known is not None and known.edition == one.edition else None
            row = {"statement_id": statement.id, "item_id": one.item_id, "edition": one.edition}
            flag = {name: getattr(noted, name) if noted else None for name in _FLAG}
            rows.append({**row, **flag, "kept": noted.kept if noted else []})
    return rows


_FLAG = ("flagged_reason", "flagged_mark", "flagged_at")


async def forget_statements(session: AsyncSession, guide_id: UUID) -> None:
    """And their citations."""
    await session.execute(delete(statements).where(statements.c.guide_id == guide_id))


def listed(
    *,
    state: str = "published",
    topics: Collection[UUID] | None = None,
    way_of_knowing: str | None = None,
    cites: Collection[UUID] | None = None,
    due: date | None = None,
    owner: UUID | None = None,
) -> Select[Any]:
    """Guides in brief. Published ones are paged by `published_at` or `review_on` and id; drafts by id."""
    wanted: Select[Any] = _brief
    if state == "published":
        wanted = wanted.where(col(Guide.state) == "published")
    else:
        drafted = select(col(GuideDraft.id)).where(col(GuideDraft.state) == state)
        wanted = wanted.where(col(Guide.id).in_(drafted))
    if topics is not None:
        wanted = wanted.where(col(Guide.topics).op("&&")(list(topics)))
    if way_of_knowing is not None:
        wanted = wanted.where(_cites(and_(_speaking, col(Item.way_of_knowing) == way_of_knowing)))
    if cites is not None:
        wanted = wanted.where(_cites(citations.c.item_id.in_(cites)))
    if due is not None:
        wanted = wanted.where(col(Guide.review_on) <= due)
    return wanted if owner is None else wanted.where(col(Guide.owner_id) == owner)


def _citing(what: Any) -> Any:
    return (
        select(what)
        .select_from(statements)
        .join(citations, citations.c.statement_id == statements.c.id)
        .join(Item, col(Item.id) == citations.c.item_id)
        .where(statements.c.guide_id == col(Guide.id))
    )


def _cites(which: Any) -> Any:
    return exists(_citing(literal(1)).where(which))


_brief: Any = select(
    col(Guide.id),
    col(Guide.state),
    col(Guide.edition),
    col(Guide.title),
    func.left(col(Guide.summary), 600).label("summary"),
    col(Guide.language),
    col(Guide.topics),
    col(Guide.review_on),
    col(Guide.published_at),
    select(func.count()).where(statements.c.guide_id == col(Guide.id)).scalar_subquery().label("statements"),
    func.array(
        _citing(col(Item.way_of_knowing))
        .where(_speaking)
        .distinct()
        .order_by(col(Item.way_of_knowing))
        .scalar_subquery(),
        type_=ARRAY(String),
    ).label("ways_of_knowing"),
    exists(_citing(literal(1)).where(citations.c.flagged_reason.is_not(None))).label("being_looked_at"),
)


async def published_guides(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    """Those of these that are published, in brief."""
    if not ids:
        return {}
    return {row.id: row for row in await session.execute(listed().where(col(Guide.id).in_(ids)))}


def brief_order(state: str, due: bool) -> tuple[Sequence[Any], bool]:
    """The key of a list, and whether it runs downwards."""
    if state != "published":
        return (col(Guide.id),), False
    return ((col(Guide.review_on), col(Guide.id)), False) if due else ((col(Guide.published_at), col(Guide.id)), True)
