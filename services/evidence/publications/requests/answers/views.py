"""Answers and publications, as staff send them."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.evidence.publications.guides.documents.plain_text import reject_markup
from services.evidence.publications.requests.bodies import AnswerText
from shared.views import Body


class NewAnswer(Body):
    """What is known, in plain words, and the evidence for it. Where nothing is known yet, cite nothing."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "answer": "Breaks planned together with the person are taken more often. Begin with one hour at home.",
                "items": ["01980000-0000-7000-8000-000000000001"],
                "guides": [],
            }
        }
    )

    answer: AnswerText
    items: list[UUID] = Field(default=[], max_length=50, description="Evidence items that are published.")
    guides: list[UUID] = Field(default=[], max_length=50, description="Guides that are published.")


class Publication(Body):
    """What everyone reads: a question by which nobody can be recognised, and an answer, by default the latest one."""

    question: Annotated[str, StringConstraints(min_length=10, max_length=1_000), AfterValidator(reject_markup)]
    answer: AnswerText | None = None
