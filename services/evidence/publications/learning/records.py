"""What somebody has finished: theirs alone, until they show a code."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request, Response
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import Anyone, Contributor
from services.evidence.library.items.views import PUBLIC
from services.evidence.publications.learning import certificates, queries, rules, views
from services.evidence.publications.learning.tables import LearningCompletion
from shared import clock
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence import idempotency
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import documented
from shared.views import View

router = create_router("/v1/learning", "learning")

Code = Annotated[str, Path(max_length=40, description="As it was shown to you; dashes and capitals do not matter.")]


class LearningProofKeys(View):
    """A JWK Set."""

    keys: list[dict[str, str]] = Field(description="RFC 7517, RFC 8037.")


@router.get("/completions", response_model=Page[views.CompletionView])
async def list_completions(caller: Contributor, session: Reading, paging: Paging) -> Page[views.CompletionView]:
    """What you have finished, the newest first. Nobody else sees it."""
    mine = queries.completions_of(caller.id)
    key, view = (col(LearningCompletion.id),), views.CompletionView.model_validate
    return await paginate(session, mine, paging, key=key, view=view, descending=True)


@router.get(
    "/completions/{completion_id}",
    response_model=views.CompletionView,
    responses=documented(rules.CompletionNotFound),
)
async def get_completion(completion_id: UUID, caller: Contributor, session: Reading) -> views.CompletionView:
    """One thing that you have finished."""
    return views.CompletionView.model_validate(await queries.completion(session, caller.id, completion_id))


@router.post(
    "/completions/{completion_id}/certificate",
    response_model=views.LearningCertificate,
    responses=documented(rules.CompletionNotFound),
)
async def make_certificate(
    completion_id: UUID, caller: Contributor, uow: Transaction, request: Request
) -> views.LearningCertificate:
    """A document and a code to show to others. Asked for again it is the same, until you take it back.

    It says what was finished and when, and not by whom: write your name beside it.
    """
    await queries.completion(uow.session, caller.id, completion_id)
    await queries.keep_code(uow.session, completion_id, certificates.new_code(), clock.now())
    uow.record("certified", "LearningCompletion", completion_id)
    done = await queries.completion(uow.session, caller.id, completion_id)
    settings = request.app.state.settings
    proof: dict[str, Any] = {
        **_proof(done).model_dump(mode="json"),
        "code": done.code,
        "check_at": f"{settings.public_url}/v1/learning/proofs/{done.code}",
    }
    return views.LearningCertificate(**proof, signed=certificates.signed(settings, proof))


@router.post(
    "/completions/{completion_id}/certificate/revoke",
    response_model=views.CompletionView,
    responses=documented(rules.CompletionNotFound),
)
async def revoke_certificate(completion_id: UUID, caller: Contributor, uow: Transaction) -> views.CompletionView:
    """Take the code back: whoever checks it learns that, and no more. You keep the record."""
    await queries.completion(uow.session, caller.id, completion_id)
    await queries.revoke_codes(uow.session, completion_id, clock.now())
    uow.record("certificate revoked", "LearningCompletion", completion_id)
    done = await queries.completion(uow.session, caller.id, completion_id)
    return views.CompletionView.model_validate(done)


@router.post("/completions/{completion_id}/forget", status_code=204, responses=documented(rules.CompletionNotFound))
async def forget_completion(completion_id: UUID, caller: Contributor, uow: Transaction) -> None:
    """Remove the record, with every code that was made of it."""
    await queries.completion(uow.session, caller.id, completion_id)
    await idempotency.forget(uow.session, completion_id)
    await queries.forget_completion(uow.session, completion_id)
    uow.record("forgotten", "LearningCompletion", completion_id)


@router.get(
    "/proofs/{code}",
    response_model=views.LearningProof,
    responses=documented(rules.ProofNotFound, rules.ProofRevoked),
)
async def check_proof(code: Code, caller: Anyone, session: Reading, response: Response) -> views.LearningProof:
    """What the holder of this code has finished, and when. It tells nothing of who they are."""
    response.headers.update(PUBLIC)
    return _proof(await queries.proof(session, certificates.as_written(code)))


@router.get("/proof-keys", response_model=LearningProofKeys)
async def show_proof_keys(caller: Anyone, request: Request) -> LearningProofKeys:
    """The key by which signed proofs are checked."""
    return LearningProofKeys.model_validate(certificates.public_keys(request.app.state.settings))


def _proof(done: Any) -> views.LearningProof:
    """The day and not the hour: nobody needs to know when somebody had ten minutes."""
    return views.LearningProof(
        title=done.title, edition=done.edition, minutes=done.minutes, completed_on=done.completed_at.date()
    )
