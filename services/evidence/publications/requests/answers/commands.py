"""Answering a request, and publishing the answer."""

from uuid import UUID

from services.evidence.library.items.queries import published_items
from services.evidence.publications.requests.answers import queries, rules
from services.evidence.publications.requests.answers.views import NewAnswer, Publication
from services.evidence.publications.requests.queries import (
    VersionedRequest,
    get_turns,
    load_versioned,
    lock_request,
)
from services.evidence.publications.requests.rules import check_awaiting_answer, unpublish
from shared import clock
from shared.persistence.unit_of_work import UnitOfWork


async def answer_request(uow: UnitOfWork, request_id: UUID, body: NewAnswer) -> VersionedRequest:
    """Answer the latest question. Publishes EvidenceRequestAnswered. Raises NotAwaitingAnswer, Invalid."""
    request = await lock_request(uow.session, request_id)
    check_awaiting_answer(request)
    items = await published_items(uow.session, body.items)
    guides = await queries.get_published_editions(uow.session, body.guides)
    rules.check_published(body.items, body.guides, published_items=items, published_guides=guides)
    turn = (await get_turns(uow.session, [request.id]))[request.id][-1]
    item_ids, guide_ids = list(dict.fromkeys(body.items)), list(dict.fromkeys(body.guides))
    answered = rules.answer(request, turn, body.answer, items=item_ids, guides=guide_ids, now=clock.now())
    await queries.store_citations(
        uow.session,
        turn.id,
        guides={guide_id: guides[guide_id] for guide_id in guide_ids},
        items={item_id: items[item_id].edition for item_id in item_ids},
    )
    uow.publish(answered, of=request)
    return await load_versioned(uow.session, request)


async def publish_answer(uow: UnitOfWork, request_id: UUID, body: Publication) -> VersionedRequest:
    """Publish the latest answer. Raises NotAnswered, RequestIsWithdrawn, Invalid."""
    request = await lock_request(uow.session, request_id)
    turns = (await get_turns(uow.session, [request.id]))[request.id]
    rules.publish(request, turns, body.question, body.answer, clock.now())
    return await load_versioned(uow.session, request)


async def unpublish_answer(uow: UnitOfWork, request_id: UUID) -> VersionedRequest:
    """Remove what everyone reads of the request."""
    request = await lock_request(uow.session, request_id)
    unpublish(request)
    return await load_versioned(uow.session, request)
