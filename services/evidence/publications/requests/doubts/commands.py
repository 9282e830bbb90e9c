"""Flagging answers whose sources are in doubt, and deciding about them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.items.words.commands import check_not_taken_back
from services.evidence.publications.cited_items.queries import find_merged_ids, write_flags
from services.evidence.publications.cited_items.rules import find_flag_changes
from services.evidence.publications.requests.citations import CitedSource, cites, get_sources, lock_citations
from services.evidence.publications.requests.doubts import queries, rules
from services.evidence.publications.requests.doubts.bodies import NewAnswerDecision
from services.evidence.publications.requests.queries import RequestSnapshot, load_request, lock_request
from services.evidence.publications.requests.rules import RequestIsWithdrawn
from services.evidence.publications.requests.tables import AnswerDecision, RequestTurn, citations
from services.evidence.publications.requests.views import check_unchanged
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


async def decide(
    uow: UnitOfWork, request_id: UUID, body: NewAnswerDecision, match: Match, caller: Caller
) -> RequestSnapshot:
    """Decide about an answer in doubt, as the caller has read it. `revise` publishes EvidenceRequestRevised.

    Raises RequestIsWithdrawn, PreconditionRequired, PreconditionFailed, NothingToDecide, CannotKeepAnswer, Invalid.
    """
    request = await lock_request(uow.session, request_id)
    if request.status == "withdrawn":
        raise RequestIsWithdrawn
    snapshot = await load_request(uow.session, request)
    check_unchanged(match, snapshot, caller)
    turn = _find_turn(snapshot, body.turn)
    sources = [source for source in snapshot.citations[turn.id] if source.doubts]
    rules.check_may_decide(body.decision, [doubt for source in sources for doubt in source.doubts])
    texts = {"/because": body.because, "/answer": body.answer, "/public_answer": body.public_answer}
    await check_not_taken_back(uow, texts)
    if body.decision == "revise":
        rules.revise(request, snapshot.turns, turn, body.answer or "", body.public_answer)
        await idempotency.redact_responses(uow.session, request.id)
    for source in sources:
        await _settle(uow.session, source, body)
    now = clock.now()
    request.updated_at = now
    doubts = [
        {"kind": source.citation.kind, "id": str(source.citation.source_id), "reason": doubt.reason}
        for source in sources
        for doubt in source.doubts
    ]
    uow.save(
        AnswerDecision(
            turn_id=turn.id,
            decision=body.decision,
            because=body.because,
            doubts=doubts,
            decided_by=caller.id,
            decided_at=now,
        )
    )
    await update_flags(uow.session, queries.is_of_turn(turn.id), now)
    await queries.update_doubted_at(uow.session, [request.id])
    decided = await load_request(uow.session, request)
    if body.decision == "revise":
        cited = [source.citation for sources in decided.citations.values() for source in sources]
        uow.publish(rules.revised(request, cited), of=request)
    return decided


async def flag_answers_with_item(uow: UnitOfWork, item_id: UUID) -> None:
    """Bring the flags of all answers that cite the item, or one merged into it, up to date."""
    item_ids = await find_merged_ids(uow.session, item_id)
    await update_flags(uow.session, cites("item", item_ids), clock.now())


async def flag_answers_with_guide(uow: UnitOfWork, guide_id: UUID) -> None:
    """Bring the flags of all answers that cite the guide up to date."""
    await update_flags(uow.session, cites("guide", [guide_id]), clock.now())


async def update_flags(session: AsyncSession, condition: ColumnElement[bool], now: datetime) -> None:
    """Bring the flags of these citations in line with their sources as they are now.

    Requests are locked before their citations, as they are when one is answered.
    """
    request_ids = await queries.lock_citing_requests(session, condition)
    if not request_ids:
        return
    rows = await lock_citations(session, condition)
    sources = await get_sources(session, rows)
    changes = find_flag_changes(((row, sources.find_doubts(row)) for row in rows), now)
    await write_flags(session, citations, changes)
    if changes:
        await queries.update_doubted_at(session, request_ids)


async def _settle(session: AsyncSession, source: CitedSource, body: NewAnswerDecision) -> None:
    if body.decision == "revise" and rules.is_lost(source.doubts):
        await queries.delete_citation(session, source.citation)
        return
    accepted = rules.accept(source.citation.accepted, source.doubts, body.because, clock.today())
    await queries.store_accepted_issues(session, source.citation, accepted)


def _find_turn(snapshot: RequestSnapshot, number: int) -> RequestTurn:
    for turn in snapshot.turns:
        if turn.number == number:
            return turn
    raise Invalid(errors=[FieldError(pointer="/turn", detail="The request has no such question. Fetch it again.")])
