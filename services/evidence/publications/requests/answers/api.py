"""Answers to evidence requests over HTTP."""

from uuid import UUID

from fastapi import Response

from services.evidence.callers import Editor
from services.evidence.publications.requests import rules as requests_rules
from services.evidence.publications.requests.answers import commands, rules
from services.evidence.publications.requests.answers.views import NewAnswer, Publication
from services.evidence.publications.requests.queries import RequestNotFound
from services.evidence.publications.requests.views import EvidenceRequestView, respond
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.persistence.dependencies import Transaction
from shared.problems import Invalid, PreconditionFailed, documented

router = create_router("/v1/evidence-requests", "Evidence requests")


@router.post(
    "/{request_id}/answer",
    response_model=EvidenceRequestView,
    responses=documented(
        RequestNotFound, requests_rules.NotAwaitingAnswer, requests_rules.HeldByColleague, Invalid, PreconditionFailed
    ),
)
async def answer_request(
    request_id: UUID, body: NewAnswer, match: IfMatch, caller: Editor, uow: Transaction
) -> Response:
    """Answer in plain words with published evidence and guides. Citing nothing says that nothing is known yet.

    While a colleague holds the request, only they answer it. Send `If-Match` to answer only what you have read.
    """
    return respond(await commands.answer_request(uow, request_id, body, match, caller), caller)


@router.post(
    "/{request_id}/publish",
    response_model=EvidenceRequestView,
    responses=documented(
        RequestNotFound,
        requests_rules.NotAnswered,
        requests_rules.RequestIsWithdrawn,
        rules.AnswerHeldBack,
        Invalid,
        PreconditionFailed,
    ),
)
async def publish_answer(
    request_id: UUID, body: Publication, match: IfMatch, caller: Editor, uow: Transaction
) -> Response:
    """Publish the latest answer, under a question in your own words. Words of the asker are refused, also disguised.

    Send `If-Match` to publish only what you have read.
    """
    return respond(await commands.publish_answer(uow, request_id, body, match), caller)


@router.post(
    "/{request_id}/unpublish",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, PreconditionFailed),
)
async def unpublish_answer(request_id: UUID, match: IfMatch, caller: Editor, uow: Transaction) -> Response:
    """Stop showing the answer to everyone; whoever asked still reads it. With `If-Match`, only what you have read."""
    return respond(await commands.unpublish_answer(uow, request_id, match), caller)
