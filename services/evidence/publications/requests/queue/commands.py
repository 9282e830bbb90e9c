"""Assigning requests to editors."""

from uuid import UUID

from services.evidence.publications.cited_items.etags import check_version
from services.evidence.publications.requests.queries import RequestSnapshot, load_request, lock_request
from services.evidence.publications.requests.queue import queries, rules
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def assign_request(
    uow: UnitOfWork, request_id: UUID, editor_id: UUID, match: Match, caller: Caller
) -> RequestSnapshot:
    """Assign the request to an editor, without If-Match as it is.

    Raises PreconditionFailed, NotAwaitingAnswer, HeldByColleague, Invalid for somebody unknown.
    """
    request = await lock_request(uow.session, request_id)
    if match.header is not None:
        check_version(match, request)
    has_acted = editor_id != caller.id and await queries.has_acted_as_editor(uow.session, editor_id)
    rules.check_is_editor(editor_id, caller, has_acted=has_acted)
    rules.assign(request, editor_id, caller, clock.now())
    return await load_request(uow.session, request)


async def unassign_request(
    uow: UnitOfWork, request_id: UUID, informed: UUID | None, match: Match, caller: Caller
) -> RequestSnapshot:
    """Return the request to the queue, without If-Match as it is.

    Raises PreconditionFailed, NotAwaitingAnswer, HeldByColleague.
    """
    request = await lock_request(uow.session, request_id)
    if match.header is not None:
        check_version(match, request)
    rules.unassign(request, caller, clock.now(), informed)
    return await load_request(uow.session, request)
