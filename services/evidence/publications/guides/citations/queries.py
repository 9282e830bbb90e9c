"""Citations of published editions: read, locked and flagged."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.tables import Item
from services.evidence.publications.cited_items.queries import get_cited_items
from services.evidence.publications.cited_items.rules import Issue
from services.evidence.publications.guides.citations.rules import find_doubts, unsupported_statements
from services.evidence.publications.guides.tables import Guide, citations, statements
from shared.persistence.columns import in_array


class GuideCitation(NamedTuple):
    """A citation of the published edition, with its flag."""

    statement_id: UUID
    item_id: UUID
    edition: int
    flagged_reason: str | None
    flagged_key: str | None
    flagged_at: datetime | None
    decision: str | None
    repeats: bool
    accepted: Sequence[Mapping[str, Any]]


async def lock_citing_guides(session: AsyncSession, item_ids: Collection[UUID]) -> list[Guide]:
    """Return the guides whose published edition cites one of the items, locked."""
    citing = select(statements.c.guide_id).join(citations).where(cites_items(item_ids))
    statement = select(Guide).where(col(Guide.id).in_(citing)).order_by(col(Guide.id))
    return list((await session.execute(statement.with_for_update())).scalars())


async def find_guides_of(session: AsyncSession, statement_ids: Collection[UUID]) -> set[UUID]:
    """Return the guides that have any of these statements."""
    statement = select(statements.c.guide_id).where(in_array(statements.c.id, statement_ids)).distinct()
    return set((await session.execute(statement)).scalars())


async def touch_guides(session: AsyncSession, ids: Collection[UUID], now: datetime) -> None:
    """Set `updated_at`, so that search reads the guides again. Their versions stay the same."""
    await session.execute(update(Guide).where(in_array(col(Guide.id), ids)).values(updated_at=now))


_citation_columns = [citations.c[name] for name in GuideCitation._fields]


def cites_items(item_ids: Collection[UUID]) -> ColumnElement[bool]:
    """Match citations of any of the items."""
    return citations.c.item_id.in_(item_ids)


def cited_in_guide(guide_id: UUID) -> ColumnElement[bool]:
    """Match citations in the guide's published edition."""
    return citations.c.statement_id.in_(select(statements.c.id).where(statements.c.guide_id == guide_id))


def is_citation(statement_id: UUID, item_id: UUID) -> ColumnElement[bool]:
    """Match the citation of the item in the statement."""
    return and_(citations.c.statement_id == statement_id, citations.c.item_id == item_id)


async def get_doubts(session: AsyncSession, guide_ids: Collection[UUID]) -> dict[UUID, list[Issue]]:
    """Return the issues of standing on each of these guides as its items are now; guides without any are left out.

    Only statements with an item to which something has happened are read.
    """
    if not guide_ids:
        return {}
    other = citations.alias()
    happened = or_(
        col(Item.status) != "published", col(Item.retraction).is_not(None), col(Item.edition) > other.c.edition
    )
    suspects = select(other.c.statement_id).join(Item, col(Item.id) == other.c.item_id).where(happened)
    statement = (
        select(statements.c.guide_id, *_citation_columns)
        .join(statements, statements.c.id == citations.c.statement_id)
        .where(statements.c.guide_id.in_(guide_ids), citations.c.statement_id.in_(suspects))
    )
    by_guide: defaultdict[UUID, list[GuideCitation]] = defaultdict(list)
    for guide_id, *columns in await session.execute(statement):
        by_guide[guide_id].append(GuideCitation._make(columns))
    items = await get_cited_items(session, {row.item_id for rows in by_guide.values() for row in rows})
    doubts = {guide_id: find_doubts(rows, items) for guide_id, rows in by_guide.items()}
    return {guide_id: issues for guide_id, issues in doubts.items() if issues}


async def get_shown_texts(
    session: AsyncSession, ids: Collection[UUID], doubts: Mapping[UUID, Sequence[Issue]]
) -> dict[UUID, list[str]]:
    """Return what the statements of each of these guides say, without those that are held back.

    `doubts`: as `get_doubts` returns them.
    """
    if not ids:
        return {}
    held_back = {statement_id for issues in doubts.values() for statement_id in unsupported_statements(issues)}
    row = statements.c
    rows = await session.execute(
        select(row.guide_id, row.id, row.text, row.what_to_try, row.conditions)
        .where(in_array(row.guide_id, ids))
        .order_by(row.guide_id, row.position)
    )
    texts: defaultdict[UUID, list[str]] = defaultdict(list)
    for guide_id, statement_id, *of_statement in rows:
        if statement_id not in held_back:
            texts[guide_id] += filter(None, of_statement)
    return texts


async def get_citations(session: AsyncSession, guide_id: UUID) -> dict[tuple[UUID, UUID], GuideCitation]:
    """Return all citations of the published edition, by statement and item."""
    return await _get_citations(session, cited_in_guide(guide_id))


async def get_noted_citations(session: AsyncSession, guide_id: UUID) -> dict[tuple[UUID, UUID], GuideCitation]:
    """Return the citations of the published edition that are flagged or have accepted issues."""
    has_notes = or_(citations.c.flagged_at.is_not(None), func.jsonb_array_length(citations.c.accepted) > 0)
    return await _get_citations(session, and_(cited_in_guide(guide_id), has_notes))


async def _get_citations(
    session: AsyncSession, condition: ColumnElement[bool]
) -> dict[tuple[UUID, UUID], GuideCitation]:
    rows = await session.execute(select(*_citation_columns).where(condition))
    return {(row.statement_id, row.item_id): row for row in map(GuideCitation._make, rows)}


async def lock_citations(session: AsyncSession, condition: ColumnElement[bool]) -> list[GuideCitation]:
    """Lock citations, in the order of their key."""
    statement = select(*_citation_columns).where(condition).order_by(citations.c.statement_id, citations.c.item_id)
    return [GuideCitation._make(row) for row in await session.execute(statement.with_for_update())]


async def reset_decisions(session: AsyncSession, condition: ColumnElement[bool]) -> None:
    """Clear what editors decided about these citations: they must decide again."""
    await session.execute(update(citations).where(condition).values(decision=None))
