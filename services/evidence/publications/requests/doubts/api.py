"""Decisions about answers in doubt over HTTP."""

from uuid import UUID

from fastapi import Response

from services.evidence.callers import Editor
from services.evidence.publications.requests.doubts import commands, rules
from services.evidence.publications.requests.doubts.bodies import NewAnswerDecision
from services.evidence.publications.requests.queries import RequestNotFound
from services.evidence.publications.requests.rules import RequestIsWithdrawn
from services.evidence.publications.requests.views import EvidenceRequestView, respond
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatchVersion
from shared.persistence.dependencies import Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/evidence-requests", "Evidence requests")


@router.post(
    "/{request_id}/decisions",
    response_model=EvidenceRequestView,
    responses=documented(
        RequestNotFound,
        RequestIsWithdrawn,
        rules.NothingToDecide,
        rules.CannotKeepAnswer,
        Invalid,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def decide_answer(
    request_id: UUID, body: NewAnswerDecision, match: IfMatchVersion, caller: Editor, uow: Transaction
) -> Response:
    """Decide about an answer that stands on something in doubt. Its `/queue` entry goes, and it is public again.

    Send the ETag of the request in `If-Match`: nobody decides about a doubt that they have not read.
    """
    return respond(await commands.decide(uow, request_id, body, match, caller), caller)
