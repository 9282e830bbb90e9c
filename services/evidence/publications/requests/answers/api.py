"""Answers to evidence requests over HTTP."""

from uuid import UUID

from fastapi import Response

from services.evidence.callers import Editor
from services.evidence.publications.requests import rules
from services.evidence.publications.requests.answers import commands
from services.evidence.publications.requests.answers.views import NewAnswer, Publication
from services.evidence.publications.requests.queries import RequestNotFound
from services.evidence.publications.requests.views import EvidenceRequestView, respond
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Transaction
from shared.problems import Invalid, documented

router = create_router("/v1/evidence-requests", "Evidence requests")


@router.post(
    "/{request_id}/answer",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, rules.NotAwaitingAnswer, Invalid),
)
async def answer_request(
    request_id: UUID, body: NewAnswer, _caller: Editor, uow: Transaction, response: Response
) -> EvidenceRequestView:
    """Answer in plain words with published evidence and guides. Citing nothing says that nothing is known yet."""
    return respond(await commands.answer_request(uow, request_id, body), response)


@router.post(
    "/{request_id}/publish",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, rules.NotAnswered, rules.RequestIsWithdrawn, Invalid),
)
async def publish_answer(
    request_id: UUID, body: Publication, _caller: Editor, uow: Transaction, response: Response
) -> EvidenceRequestView:
    """Publish the latest answer, under a question in your own words."""
    return respond(await commands.publish_answer(uow, request_id, body), response)


@router.post("/{request_id}/unpublish", response_model=EvidenceRequestView, responses=documented(RequestNotFound))
async def unpublish_answer(
    request_id: UUID, _caller: Editor, uow: Transaction, response: Response
) -> EvidenceRequestView:
    """Stop showing the answer to everyone; whoever asked still reads it."""
    return respond(await commands.unpublish_answer(uow, request_id), response)
