"""Marking the answers to the questions of a learning piece."""

from collections.abc import Sequence
from typing import NamedTuple

from services.evidence.publications.learning.content import LearningQuestion
from services.evidence.publications.learning.tables import LearningPiece
from shared.problems import Conflict, FieldError, Gone, Invalid


class PieceHasChanged(Conflict):
    title = "The piece has a new edition"
    detail = "Read it again and answer its questions: they may have changed."


class CertificateRevoked(Gone):
    title = "This certificate was revoked"
    detail = "Its holder revoked it. Ask them for a new code if you need one."


class MarkedAnswer(NamedTuple):
    """Whether an answer to a question is right, and why."""

    right: bool
    why: str


def judge(piece: LearningPiece, answers: Sequence[int], edition: int | None) -> list[MarkedAnswer]:
    """Return which answers are right, and why. Raises PieceHasChanged, Invalid."""
    if edition is not None and edition != piece.edition:
        raise PieceHasChanged
    answered = list(zip(map(LearningQuestion.model_validate, piece.questions), answers, strict=True))
    errors = [
        FieldError(pointer=f"/answers/{position}", detail=f"Choose an option from 0 to {len(question.options) - 1}.")
        for position, (question, answer) in enumerate(answered)
        if answer >= len(question.options)
    ]
    if errors:
        raise Invalid(errors=errors)
    return [MarkedAnswer(answer == question.right, question.why) for question, answer in answered]
