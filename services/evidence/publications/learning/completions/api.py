"""Completions and certificates over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Path, Request, Response

from services.evidence.callers import Anyone, Contributor
from services.evidence.publications.learning.completions import commands, queries, rules, views
from services.evidence.publications.learning.completions.certificates import (
    normalise_code,
    public_keys,
    sign_certificate,
)
from services.evidence.publications.learning.completions.queries import CertificateNotFound, CompletionNotFound
from services.evidence.publications.learning.queries import PieceNotFound
from services.evidence.publications.learning.rules import PieceHeldBack, PieceWithdrawn
from shared.http.caching import PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, documented

router = create_router("/v1/learning", "Learning")

CertificateCode = Annotated[
    str, Path(max_length=40, description="As it was shown to you; dashes and capitals do not matter.")
]


@router.post(
    "/{piece_id}/completions",
    response_model=views.CompletionAttempt,
    responses={201: {"description": "Finished: Location leads to the record", "model": views.CompletionAttempt}}
    | documented(PieceNotFound, PieceWithdrawn, PieceHeldBack, rules.PieceHasChanged, Invalid),
)
async def answer_questions(
    piece_id: UUID, body: views.LearningAnswers, caller: Contributor, uow: Transaction, response: Response
) -> views.CompletionAttempt:
    """Answer the three questions. With all of them right you have finished, and get a record that only you see.

    You may try as often as you like. Your answers are not stored.
    """
    result = await commands.answer_questions(uow, piece_id, body.answers, body.edition, caller)
    if result.is_new and result.completion is not None:
        response.status_code = 201
        response.headers["Location"] = f"/v1/learning/completions/{result.completion.id}"
    return views.CompletionAttempt.model_validate(result)


@router.get("/completions", response_model=Page[views.CompletionView])
async def list_completions(caller: Contributor, session: Reading, paging: Paging) -> Page[views.CompletionView]:
    """List what you have finished, the newest first. Nobody else sees it."""
    statement, view = queries.list_completions(caller.id), views.CompletionView.model_validate
    return await paginate(session, statement, paging, key=queries.ORDER, view=view, descending=True)


@router.get(
    "/completions/{completion_id}",
    response_model=views.CompletionView,
    responses=documented(CompletionNotFound),
)
async def get_completion(completion_id: UUID, caller: Contributor, session: Reading) -> views.CompletionView:
    """Return one of your records."""
    return views.CompletionView.model_validate(await queries.get_completion(session, caller.id, completion_id))


@router.post(
    "/completions/{completion_id}/certify",
    response_model=views.LearningCertificate,
    responses=documented(CompletionNotFound),
)
async def certify_completion(
    completion_id: UUID, caller: Contributor, uow: Transaction, request: Request
) -> views.LearningCertificate:
    """Return a certificate and a code to show to others: the same each time, until you revoke it.

    It says what was finished and when, but not by whom: add your name yourself.
    """
    completion = await commands.certify_completion(uow, completion_id, caller)
    settings = request.app.state.settings
    certificate: dict[str, Any] = {
        **views.CertifiedCompletionView.of(completion).model_dump(mode="json"),
        "code": completion.code,
        "check_at": f"{settings.public_url}/v1/learning/certificates/{completion.code}",
    }
    return views.LearningCertificate(**certificate, signed=sign_certificate(settings, certificate))


@router.post(
    "/completions/{completion_id}/revoke",
    response_model=views.CompletionView,
    responses=documented(CompletionNotFound),
)
async def revoke_certificate(completion_id: UUID, caller: Contributor, uow: Transaction) -> views.CompletionView:
    """Revoke the certificate: whoever checks its code learns only that. You keep the record."""
    return views.CompletionView.model_validate(await commands.revoke_certificate(uow, completion_id, caller))


@router.post("/completions/{completion_id}/erase", status_code=204, responses=documented(CompletionNotFound))
async def erase_completion(completion_id: UUID, caller: Contributor, uow: Transaction) -> None:
    """Erase the record and every code that was made for it."""
    await commands.erase_completion(uow, completion_id, caller)


@router.get(
    "/certificates/{code}",
    response_model=views.CertifiedCompletionView,
    responses=documented(CertificateNotFound, rules.CertificateRevoked),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def get_certificate(code: CertificateCode, _caller: Anyone, session: Reading) -> views.CertifiedCompletionView:
    """Return what the holder of this code has finished, and when. It says nothing of who they are."""
    completion = await queries.get_certified_completion(session, normalise_code(code))
    return views.CertifiedCompletionView.of(completion)


@router.get("/certificate-keys", response_model=views.CertificateKeys)
async def list_certificate_keys(_caller: Anyone, request: Request) -> views.CertificateKeys:
    """Return the keys by which signed certificates are verified."""
    return views.CertificateKeys.model_validate(public_keys(request.app.state.settings))
