"""Flags of what answers cite, and since when a request is in doubt."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, label, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.publications.requests.citations import AnswerCitation
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn, citations
from shared.persistence.columns import in_array, select_columns


async def lock_citing_requests(session: AsyncSession, condition: ColumnElement[bool]) -> list[UUID]:
    """Lock the requests whose answers have one of these citations. Returns their ids; withdrawn ones are left out."""
    citing = select(col(RequestTurn.request_id)).join(citations, citations.c.turn_id == col(RequestTurn.id))
    statement = (
        select(col(EvidenceRequest.id))
        .where(col(EvidenceRequest.id).in_(citing.where(condition)), col(EvidenceRequest.status) != "withdrawn")
        .order_by(col(EvidenceRequest.id))
    )
    return list((await session.execute(statement.with_for_update())).scalars())


def is_of_turn(turn_id: UUID) -> ColumnElement[bool]:
    """Match what the answer of the turn cites."""
    return citations.c.turn_id == turn_id


async def update_doubted_at(session: AsyncSession, request_ids: Collection[UUID]) -> None:
    """Set since when each of these requests is in doubt: the first of the flags that nobody has decided about."""
    columns: tuple[Any, ...] = (
        label("id", col(RequestTurn.request_id)),
        func.min(citations.c.flagged_at).label("first_flag"),
    )
    flags = (
        select_columns(*columns)
        .join(citations, citations.c.turn_id == col(RequestTurn.id), isouter=True)
        .where(in_array(col(RequestTurn.request_id), request_ids))
        .group_by(col(RequestTurn.request_id))
        .subquery()
    )
    statement = update(EvidenceRequest).where(
        col(EvidenceRequest.id) == flags.c.id, col(EvidenceRequest.doubted_at).is_distinct_from(flags.c.first_flag)
    )
    await session.execute(
        statement.values(doubted_at=flags.c.first_flag), execution_options={"synchronize_session": False}
    )


async def store_accepted_issues(
    session: AsyncSession, citation: AnswerCitation, accepted: Sequence[dict[str, Any]]
) -> None:
    """Store which issues of a citation editors have accepted."""
    await session.execute(update(citations).where(_is(citation)).values(accepted=accepted))


async def delete_citation(session: AsyncSession, citation: AnswerCitation) -> None:
    """Delete the citation: the answer no longer stands on it."""
    await session.execute(delete(citations).where(_is(citation)))


def _is(citation: AnswerCitation) -> ColumnElement[bool]:
    return and_(
        citations.c.turn_id == citation.turn_id,
        citations.c.kind == citation.kind,
        citations.c.source_id == citation.source_id,
    )
