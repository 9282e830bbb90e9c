"""Flagged citations of published guides."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, label, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.publications.cited_items.rules import UNSOUND, Reason
from services.evidence.publications.guides.citations.queries import (
    GuideCitation,
    cited_in_guide,
    is_citation,
    lock_citations,
)
from services.evidence.publications.guides.flags.rules import DraftDecision
from services.evidence.publications.guides.tables import Guide, citations, statements
from shared.http.pagination import Key
from shared.persistence.columns import select_columns
from shared.problems import NotFound

_other = citations.alias()
_has_support = exists().where(
    _other.c.statement_id == citations.c.statement_id,
    or_(_other.c.flagged_reason.is_(None), _other.c.flagged_reason.not_in(sorted(UNSOUND))),
)
"""Whether the statement of a flagged citation has something left to stand on."""


class CitationNotFound(NotFound):
    title = "There is no such citation"
    detail = "No such statement of this guide cites this item. Check the ids, or fetch the guide again."


class ListedFlag(NamedTuple):
    """A flagged citation in the list of flags."""

    is_of_others: int
    """0 for guides that the reader owns, 1 for others."""
    since: datetime
    statement_id: UUID
    item_id: UUID
    edition: int
    reason: Reason
    decision: DraftDecision | None
    guide_id: UUID
    statement: str
    guide: str
    held_back: bool


async def lock_citation(session: AsyncSession, guide_id: UUID, statement_id: UUID, item_id: UUID) -> GuideCitation:
    """Return the citation, locked. Raises CitationNotFound."""
    rows = await lock_citations(session, and_(cited_in_guide(guide_id), is_citation(statement_id, item_id)))
    if not rows:
        raise CitationNotFound
    return rows[0]


async def store_accepted_issues(
    session: AsyncSession, statement_id: UUID, item_id: UUID, accepted: Sequence[dict[str, Any]]
) -> None:
    """Store which issues of a citation editors have accepted."""
    await session.execute(update(citations).where(is_citation(statement_id, item_id)).values(accepted=accepted))


async def store_decision(session: AsyncSession, statement_id: UUID, item_id: UUID, decision: DraftDecision) -> None:
    """Store what the next edition will do about the flag of a citation."""
    await session.execute(update(citations).where(is_citation(statement_id, item_id)).values(decision=decision))


def order_flags(reader_id: UUID) -> Sequence[Key]:
    """Return the key of `list_flags`: flags of the reader's own guides come first, then the oldest."""
    return (
        _is_of_others(reader_id),
        label("since", citations.c.flagged_at),
        citations.c.statement_id,
        citations.c.item_id,
    )


def list_flags(reader_id: UUID, *, mine: bool, decided: bool) -> Select[Any]:
    """Select, as `ListedFlag`, flags that wait for a decision or for the next edition. To be paged by `order_flags`."""
    statement = (
        select_columns(
            *order_flags(reader_id),
            citations.c.edition,
            label("reason", citations.c.flagged_reason),
            citations.c.decision,
            statements.c.guide_id,
            label("statement", statements.c.text),
            label("guide", col(Guide.title)),
            label("held_back", or_(~_has_support, citations.c.repeats)),
        )
        .join(statements, statements.c.id == citations.c.statement_id)
        .join(Guide, col(Guide.id) == statements.c.guide_id)
        .where(citations.c.flagged_reason.is_not(None), col(Guide.status) == "published")
        .where(citations.c.decision.is_not(None) if decided else citations.c.decision.is_(None))
    )
    return statement.where(col(Guide.owner_id) == reader_id) if mine else statement


async def count_open_flags(session: AsyncSession, owner_id: UUID) -> int:
    """Count the flags that wait for a decision of this owner."""
    open_flags = list_flags(owner_id, mine=True, decided=False).subquery()
    return await session.scalar(select(func.count()).select_from(open_flags)) or 0


def _is_of_others(reader_id: UUID) -> ColumnElement[int]:
    """Return 0 for guides that the reader owns, 1 for others."""
    return case((col(Guide.owner_id) == reader_id, 0), else_=1).label("is_of_others")
