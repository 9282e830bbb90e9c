"""Answers to the questions of a learning piece, records of completion and certificates."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.evidence.publications.learning.completions.queries import CertifiedCompletion, Completion
from shared.views import Body, View

Option = Annotated[int, Field(ge=0, le=5)]


class LearningAnswers(Body):
    """One option for each question, counted from 0."""

    answers: list[Option] = Field(min_length=3, max_length=3)
    edition: int | None = Field(default=None, description="The edition that you have read.")


class LearningAnswerView(View):
    """Whether an answer is right, and why."""

    right: bool
    why: str


class CompletionView(View):
    """A record of completion. Nobody else sees it, unless you show them a certificate."""

    id: UUID
    piece_id: UUID
    edition: int
    title: str
    minutes: int
    completed_at: datetime
    is_current: bool = Field(description="Whether that edition of the piece is the current one.")
    code: str | None = Field(description="The code by which others may check it, if you made a certificate.")


class CompletionAttempt(View):
    """Which answers are right, and why. With all three right you have finished; otherwise try again."""

    finished: bool
    answers: list[LearningAnswerView]
    completion: CompletionView | None


class CertifiedCompletionView(View):
    """What somebody finished. It says nothing of the person: ask whoever showed you the code who they are."""

    title: str
    edition: int
    minutes: int
    completed_on: date

    @classmethod
    def of(cls, completion: Completion | CertifiedCompletion) -> "CertifiedCompletionView":
        """Return the view. It has the day, but not the time, which nobody needs to know."""
        return cls(
            title=completion.title,
            edition=completion.edition,
            minutes=completion.minutes,
            completed_on=completion.completed_at.date(),
        )


class LearningCertificate(CertifiedCompletionView):
    """A certificate to show to others. Your name is neither in it nor stored: add it yourself."""

    code: str
    check_at: str = Field(description="The address at which anyone may check the code, until you revoke it.")
    signed: str = Field(description="A JWS (EdDSA) of the same; the key is at /v1/learning/certificate-keys.")


class CertificateKeys(View):
    """A JWK Set."""

    keys: list[dict[str, str]] = Field(description="RFC 7517, RFC 8037.")
