"""Assigning requests to editors."""

from uuid import UUID

from services.evidence.publications.requests.queries import VersionedRequest, load_versioned, lock_request
from services.evidence.publications.requests.queue import rules
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork


async def assign_request(uow: UnitOfWork, request_id: UUID, caller: Caller) -> VersionedRequest:
    """Assign the request to the caller. Raises NotAwaitingAnswer, AssignedToColleague."""
    request = await lock_request(uow.session, request_id)
    rules.assign(request, caller.id)
    return await load_versioned(uow.session, request)


async def unassign_request(uow: UnitOfWork, request_id: UUID) -> VersionedRequest:
    """Return the request to the queue. Raises NotAwaitingAnswer."""
    request = await lock_request(uow.session, request_id)
    rules.unassign(request)
    return await load_versioned(uow.session, request)
