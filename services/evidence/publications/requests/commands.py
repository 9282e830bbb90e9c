"""Asking, changing, using, reopening and withdrawing an evidence request."""

from collections.abc import Sequence
from uuid import UUID

from services.evidence.library.topics.queries import unknown_topics
from services.evidence.publications.cited_items.etags import check_version
from services.evidence.publications.requests import queries, rules
from services.evidence.publications.requests.bodies import EvidenceRequestPatch, NewEvidenceRequest, UseOfAnswer
from services.evidence.publications.requests.queries import RequestSnapshot
from services.evidence.publications.requests.rules import Targets
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


async def create_request(
    uow: UnitOfWork, body: NewEvidenceRequest, caller: Caller, targets: Targets
) -> RequestSnapshot:
    """Create a request. Publishes EvidenceRequestReceived. Raises Invalid."""
    await _check_topics(uow, body.topics)
    now = clock.now()
    request = rules.ask(caller.id, body.urgency, body.setting, body.country, now=now, targets=targets)
    uow.save(request)
    await queries.replace_topics(uow.session, request.id, body.topics)
    uow.save(RequestTurn(request_id=request.id, number=1, question=body.question, asked_at=now))
    uow.publish(rules.received(request, body.topics), of=request)
    return await queries.load_request(uow.session, request)


async def update_request(
    uow: UnitOfWork, request_id: UUID, patch: EvidenceRequestPatch, match: Match, caller: Caller, targets: Targets
) -> RequestSnapshot:
    """Change a request that nobody has answered. Publishes EvidenceRequestReceived for new topics or urgency.

    Raises NotAwaitingAnswer, Invalid.
    """
    request = await queries.lock_readable_request(uow.session, request_id, caller)
    check_version(match, request)
    rules.check_awaiting_answer(request)
    changes = patch.model_dump(exclude_unset=True)
    rules.check_may_change(caller, request, changes)
    turn = (await queries.get_turns(uow.session, [request.id]))[request.id][-1]
    turn.question = changes.get("question", turn.question)
    if patch.urgency:
        rules.change_urgency(request, patch.urgency, turn.asked_at, targets)
    request.setting = changes.get("setting", request.setting)
    request.country = changes.get("country", request.country)
    request.updated_at = clock.now()
    topics = await _change_topics(uow, request, patch.topics)
    if changes.keys() & {"topics", "urgency"}:
        uow.publish(rules.received(request, topics), of=request)
    return await queries.load_request(uow.session, request)


async def record_use(uow: UnitOfWork, request_id: UUID, body: UseOfAnswer, caller: Caller) -> RequestSnapshot:
    """Record whether the answer was used. Publishes EvidenceRequestClosed. Raises NotAnswered, RequestIsWithdrawn."""
    request = await queries.lock_own_request(uow.session, request_id, caller)
    if closed := rules.record_use(request, body.used, body.what_happened, clock.now()):
        uow.publish(closed, of=request)
    return await queries.load_request(uow.session, request)


async def reopen_request(
    uow: UnitOfWork, request_id: UUID, question: str, caller: Caller, targets: Targets
) -> RequestSnapshot:
    """Ask a further question. Publishes EvidenceRequestReceived. Raises NotAnswered, RequestIsWithdrawn."""
    request = await queries.lock_own_request(uow.session, request_id, caller)
    now = clock.now()
    rules.reopen(request, now, targets)
    number = len((await queries.get_turns(uow.session, [request.id]))[request.id]) + 1
    uow.save(RequestTurn(request_id=request.id, number=number, question=question, asked_at=now))
    topics = (await queries.get_topics(uow.session, [request.id]))[request.id]
    uow.publish(rules.received(request, topics), of=request)
    return await queries.load_request(uow.session, request)


async def withdraw_request(uow: UnitOfWork, request_id: UUID, caller: Caller) -> RequestSnapshot:
    """Erase the text of the request, also in stored responses. Publishes EvidenceRequestWithdrawn.

    Raises RequestIsWithdrawn.
    """
    request = await queries.lock_own_request(uow.session, request_id, caller)
    turns = (await queries.get_turns(uow.session, [request.id]))[request.id]
    await idempotency.redact_responses(uow.session, request.id)
    await queries.erase_decisions(uow.session, [turn.id for turn in turns])
    uow.publish(rules.withdraw(request, turns, clock.now()), of=request)
    return await queries.load_request(uow.session, request)


async def _change_topics(uow: UnitOfWork, request: EvidenceRequest, topics: Sequence[UUID] | None) -> Sequence[UUID]:
    """File the request under these topics, or leave it as it is (None). Returns its topics. Raises Invalid."""
    before = (await queries.get_topics(uow.session, [request.id]))[request.id]
    if topics is None or set(topics) == set(before):
        return before
    await _check_topics(uow, topics)
    await queries.replace_topics(uow.session, request.id, topics)
    uow.record(
        "changed",
        "EvidenceRequest",
        request.id,
        before={"topics": [str(topic) for topic in before]},
        after={"topics": [str(topic) for topic in sorted(topics)]},
    )
    return topics


async def _check_topics(uow: UnitOfWork, topics: Sequence[UUID]) -> None:
    if unknown := await unknown_topics(uow.session, topics):
        detail = "There is no such topic. The list is at /v1/topics."
        raise Invalid(errors=[FieldError(pointer=f"/topics/{position}", detail=detail) for position in unknown])
