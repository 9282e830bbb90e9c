"""Answering evidence requests, and publishing answers."""

from uuid import UUID

from services.evidence.library.items.words.commands import check_not_taken_back
from services.evidence.publications.cited_items.etags import check_version
from services.evidence.publications.cited_items.queries import get_cited_items, lock_items
from services.evidence.publications.cited_items.rules import is_held_back
from services.evidence.publications.guides.queries import lock_guides
from services.evidence.publications.requests.answers import queries, rules
from services.evidence.publications.requests.answers.views import NewAnswer, Publication
from services.evidence.publications.requests.citations import get_citations
from services.evidence.publications.requests.doubts.commands import update_flags
from services.evidence.publications.requests.doubts.queries import is_of_turn
from services.evidence.publications.requests.queries import (
    RequestSnapshot,
    get_turns,
    load_request,
    lock_request,
)
from services.evidence.publications.requests.rules import (
    check_not_held,
    unpublish,
)
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def answer_request(
    uow: UnitOfWork, request_id: UUID, body: NewAnswer, match: Match, caller: Caller
) -> RequestSnapshot:
    """Answer the latest question. Publishes EvidenceRequestAnswered.

    What is cited is locked first: none of it is withdrawn between the check and the answer. Without If-Match the
    question is answered as it is. Raises NotAwaitingAnswer, HeldByColleague, PreconditionFailed, Invalid.
    """
    await lock_items(uow.session, body.items)
    await lock_guides(uow.session, body.guides)
    request = await lock_request(uow.session, request_id)
    now = clock.now()
    check_not_held(request, caller, now)
    if match.header is not None:
        check_version(match, request)
    cited = await get_cited_items(uow.session, body.items)
    items = {item_id: item for item_id, item in cited.items() if item.id == item_id and item.is_published}
    guides = await queries.get_published_editions(uow.session, body.guides)
    rules.check_published(body.items, body.guides, published_items=items, published_guides=guides)
    await check_not_taken_back(uow, {"/answer": body.answer})
    turn = (await get_turns(uow.session, [request.id]))[request.id][-1]
    item_ids, guide_ids = list(dict.fromkeys(body.items)), list(dict.fromkeys(body.guides))
    answered = rules.answer(request, turn, body.answer, items=item_ids, guides=guide_ids, now=now)
    await queries.store_citations(
        uow.session,
        turn.id,
        guides={guide_id: guides[guide_id] for guide_id in guide_ids},
        items={item_id: items[item_id].edition for item_id in item_ids},
    )
    uow.publish(answered, of=request)
    await update_flags(uow.session, is_of_turn(turn.id), now)
    return await load_request(uow.session, request)


async def publish_answer(uow: UnitOfWork, request_id: UUID, body: Publication, match: Match) -> RequestSnapshot:
    """Publish the latest answer. What is withdrawn at the same moment is held back when it is read.

    Raises NotAnswered, RequestIsWithdrawn, AnswerHeldBack, PreconditionFailed, Invalid.
    """
    request = await lock_request(uow.session, request_id)
    if match.header is not None:
        check_version(match, request)
    turns = (await get_turns(uow.session, [request.id]))[request.id]
    cited = await get_citations(uow.session, [turn.id for turn in turns])
    held_back = [
        turn_id
        for turn_id, sources in cited.items()
        if is_held_back(doubt for source in sources for doubt in source.doubts)
    ]
    rules.publish(request, turns, body.question, body.answer, clock.now(), held_back=held_back)
    await check_not_taken_back(uow, {"/question": body.question, "/answer": request.public_answer})
    return await load_request(uow.session, request)


async def unpublish_answer(uow: UnitOfWork, request_id: UUID, match: Match) -> RequestSnapshot:
    """Remove what everyone reads of the request. Raises PreconditionFailed."""
    request = await lock_request(uow.session, request_id)
    if match.header is not None:
        check_version(match, request)
    unpublish(request)
    return await load_request(uow.session, request)
