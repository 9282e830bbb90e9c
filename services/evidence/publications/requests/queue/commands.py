"""Assigning requests to editors."""

from uuid import UUID

from services.evidence.publications.requests.queries import RequestSnapshot, load_request, lock_request
from services.evidence.publications.requests.queue import rules
from shared import clock
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork


async def assign_request(uow: UnitOfWork, request_id: UUID, editor_id: UUID, caller: Caller) -> RequestSnapshot:
    """Assign the request to an editor. Raises NotAwaitingAnswer, HeldByColleague."""
    request = await lock_request(uow.session, request_id)
    rules.assign(request, editor_id, caller, clock.now())
    return await load_request(uow.session, request)


async def unassign_request(uow: UnitOfWork, request_id: UUID, caller: Caller) -> RequestSnapshot:
    """Return the request to the queue. Raises NotAwaitingAnswer, HeldByColleague."""
    request = await lock_request(uow.session, request_id)
    rules.unassign(request, caller, clock.now())
    return await load_request(uow.session, request)
