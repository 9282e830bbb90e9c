"""Requests that wait for an answer."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.publications.requests.tables import EvidenceRequest
from shared.events.contracts.evidence import Urgency
from shared.http.pagination import Key

QueuedStatus = Literal["open", "assigned"]
BY_URGENCY: Sequence[Key] = (
    col(EvidenceRequest.urgency_rank),
    col(EvidenceRequest.due_at),
    col(EvidenceRequest.id),
)
"""The key of `list_queue`."""


def list_queue(
    urgency: Urgency | None, assignee_id: UUID | None, status: QueuedStatus | None
) -> SelectOfScalar[EvidenceRequest]:
    """Select what staff have to answer, to be paged by BY_URGENCY."""
    statement = select(EvidenceRequest).where(col(EvidenceRequest.status).in_(["open", "assigned"]))
    if urgency is not None:
        statement = statement.where(col(EvidenceRequest.urgency) == urgency)
    if assignee_id is not None:
        statement = statement.where(col(EvidenceRequest.assignee_id) == assignee_id)
    return statement if status is None else statement.where(col(EvidenceRequest.status) == status)
