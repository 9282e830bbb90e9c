"""Requests that staff have to answer or to decide about, and what became of the others."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_
from sqlalchemy import select as select_columns
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.statements import PLACE_FIELDS, PlaceField
from services.evidence.library.place_filters import is_from
from services.evidence.publications.requests.tables import EvidenceRequest, RequestStatus, Used, request_topics
from shared.events.contracts.evidence import Urgency
from shared.http.pagination import Key
from shared.persistence.platform_tables import audit_entries

BY_URGENCY: Sequence[Key] = (
    col(EvidenceRequest.urgency_rank),
    col(EvidenceRequest.due_at),
    col(EvidenceRequest.id),
)
"""The key of what waits for staff."""
BY_ID: Sequence[Key] = (col(EvidenceRequest.id),)
"""The key of requests of any other status, descending."""


@dataclass(frozen=True)
class QueueFilters:
    """Which requests are listed. Without `status`, those that wait for an answer or for a decision about one."""

    status: RequestStatus | None = None
    in_doubt: bool | None = None
    urgency: Urgency | None = None
    assignee_id: UUID | None = None
    topics: Collection[UUID] | None = None
    """Those on any of these topics."""
    country: str | None = None
    """`GB` includes its nations, and a nation includes what is asked of the whole of `GB`."""
    setting: str | None = None
    """In capitals or not."""
    used: Used | None = None
    with_outcome: bool | None = None
    """Whether its asker has said what happened."""
    since: datetime | None = None
    before: datetime | None = None

    @property
    def is_queue(self) -> bool:
        """Whether all of it waits for staff, and is listed by urgency."""
        return not self.is_about_use and self.status in (None, "open", "assigned")

    @property
    def is_about_use(self) -> bool:
        """Whether it is about what became of answers."""
        return self.used is not None or self.with_outcome is not None


def list_queue(filters: QueueFilters) -> SelectOfScalar[EvidenceRequest]:
    """Select requests, to be paged by BY_URGENCY where `filters.is_queue`, else by BY_ID."""
    request = EvidenceRequest
    statement = select(request).where(_status_condition(filters))
    if filters.in_doubt is not None:
        statement = statement.where(col(request.doubted_at).is_not(None) == filters.in_doubt)
    if filters.urgency is not None:
        statement = statement.where(col(request.urgency) == filters.urgency)
    if filters.assignee_id is not None:
        statement = statement.where(col(request.assignee_id) == filters.assignee_id)
    if filters.topics is not None:
        on_topics = select_columns(request_topics.c.request_id).where(request_topics.c.topic_id.in_(filters.topics))
        statement = statement.where(col(request.id).in_(on_topics))
    if filters.country is not None:
        statement = statement.where(is_from(col(request.country), filters.country))
    if filters.setting is not None:
        statement = statement.where(func.lower(col(request.setting)) == func.lower(filters.setting))
    if filters.used is not None:
        statement = statement.where(col(request.used) == filters.used)
    if filters.with_outcome is not None:
        statement = statement.where((col(request.what_happened) != "") == filters.with_outcome)
    if filters.since is not None:
        statement = statement.where(col(request.asked_at) >= filters.since)
    return statement if filters.before is None else statement.where(col(request.asked_at) < filters.before)


async def count_without(session: AsyncSession, filters: QueueFilters) -> dict[PlaceField, int]:
    """Count the requests that a filter by place leaves out because they do not say it."""
    counts: dict[PlaceField, int] = {}
    for name in PLACE_FIELDS:
        if getattr(filters, name) is not None:
            wider = list_queue(replace(filters, **{name: None})).where(col(getattr(EvidenceRequest, name)).is_(None))
            counts[name] = await session.scalar(select_columns(func.count()).select_from(wider.subquery())) or 0
    return counts


def _status_condition(filters: QueueFilters) -> ColumnElement[bool]:
    status = col(EvidenceRequest.status)
    if filters.status is not None:
        return status == filters.status
    if filters.is_about_use:
        return status.in_(["answered", "closed"])
    return or_(status.in_(["open", "assigned"]), col(EvidenceRequest.doubted_at).is_not(None))


async def has_acted_as_editor(session: AsyncSession, person_id: UUID) -> bool:
    """Return whether this person has taken, answered or published a question, as editors alone may.

    The audit trail knows it of the questions that are here; no other list of editors is.
    """
    entry = audit_entries.c
    after = entry.after
    as_editor = or_(
        after["status"].astext == "assigned",
        after["first_answered_at"].astext.is_not(None),
        after["published_at"].astext.is_not(None),
    )
    of_question = (entry.subject == col(EvidenceRequest.id), entry.kind == EvidenceRequest.__name__)
    acted = exists().where(*of_question, entry.actor == person_id, entry.action == "changed", as_editor)
    return bool(await session.scalar(select_columns(acted)))
