"""Finishing a learning piece; certifying, revoking and erasing the record of it."""

from typing import NamedTuple
from uuid import UUID

from services.evidence.publications.learning.completions import queries, rules
from services.evidence.publications.learning.completions.certificates import new_code
from services.evidence.publications.learning.completions.queries import Completion
from services.evidence.publications.learning.queries import PieceNotFound, get_piece, load_briefs
from services.evidence.publications.learning.rules import PieceHeldBack
from shared import clock
from shared.callers import Caller
from shared.events.contracts.evidence import LearningCompleted
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork


class AttemptResult(NamedTuple):
    """How the answers were judged. `completion`: the caller's record of the edition, `is_new` if it was just made."""

    finished: bool
    answers: list[rules.MarkedAnswer]
    completion: Completion | None
    is_new: bool


async def answer_questions(
    uow: UnitOfWork, piece_id: UUID, answers: list[int], edition: int | None, caller: Caller
) -> AttemptResult:
    """Judge the answers, which are not stored. With all of them right, store a record and publish LearningCompleted.

    Raises PieceNotFound, PieceWithdrawn, PieceHeldBack, PieceHasChanged, Invalid.
    """
    piece = await get_piece(uow.session, piece_id)
    if piece.status != "published":
        raise PieceNotFound
    [brief] = await load_briefs(uow.session, [piece])
    if brief.is_held_back:
        raise PieceHeldBack
    judged = rules.judge(piece, answers, edition)
    finished = all(answer.right for answer in judged)
    new_id = await queries.store_completion(uow.session, piece, caller.id, clock.now()) if finished else None
    if new_id is not None:
        uow.publish(LearningCompleted(completion_id=new_id, piece_id=piece_id), sequence=1)
        uow.record("finished", "LearningCompletion", new_id)
    completion = await queries.find_current_completion(uow.session, caller.id, piece)
    return AttemptResult(finished, judged, completion, new_id is not None)


async def certify_completion(uow: UnitOfWork, completion_id: UUID, caller: Caller) -> Completion:
    """Give the record a code, unless it has one. Raises CompletionNotFound."""
    await queries.get_completion(uow.session, caller.id, completion_id)
    await queries.store_code(uow.session, completion_id, new_code(), clock.now())
    uow.record("certified", "LearningCompletion", completion_id)
    return await queries.get_completion(uow.session, caller.id, completion_id)


async def revoke_certificate(uow: UnitOfWork, completion_id: UUID, caller: Caller) -> Completion:
    """Revoke the code of the record, which stays. Raises CompletionNotFound."""
    await queries.get_completion(uow.session, caller.id, completion_id)
    await queries.revoke_codes(uow.session, completion_id, clock.now())
    uow.record("certificate revoked", "LearningCompletion", completion_id)
    return await queries.get_completion(uow.session, caller.id, completion_id)


async def erase_completion(uow: UnitOfWork, completion_id: UUID, caller: Caller) -> None:
    """Erase the record with its codes, and the stored responses that contain it. Raises CompletionNotFound."""
    await queries.get_completion(uow.session, caller.id, completion_id)
    await idempotency.redact_responses(uow.session, completion_id)
    await queries.delete_completion(uow.session, completion_id)
    uow.record("erased", "LearningCompletion", completion_id)
