"""What is shown of a closed survey."""

from pydantic import BaseModel, Field

from services.engagement.surveys.surveys.rules import Option
from shared.disclosure import AtLeast
from shared.events.contracts.engagement import TopicPriority

HIGHEST_POINTS = 100
"""Mean Borda points of an option that is first for all."""


class AnswerSummary(BaseModel):
    """What people of one or several groups answered. Every figure is rounded: docs/disclosure.md says how."""

    answered: AtLeast
    mean: float | None = Field(
        default=None,
        description="Of a score, in its own scale, rounded to 0.1. The outermost that is shown means it or beyond.",
    )
    points: dict[str, float] | None = Field(
        default=None,
        description="Of a rank, for each option: mean Borda points from 0 (last for all) to 100 (first for all), "
        "rounded to 5. The outermost that are shown mean them or beyond.",
    )
    counts: dict[str, AtLeast] | None = Field(default=None, description="Of a choice, for each option.")


class GroupAnswerSummary(AnswerSummary):
    """What people of one group answered."""

    group: str


class MeasureResults(BaseModel):
    """One table of results. `smaller_groups` is about the `hidden_groups` together, the same in all tables."""

    option: str | None = Field(default=None, description="Where each option of a score is a table of its own.")
    everyone: AnswerSummary | None = Field(description="Of what is shown of the groups. Nothing else is counted.")
    by_group: list[GroupAnswerSummary]
    hidden_groups: list[str] = Field(description="Groups of too few people, or of which nobody answered.")
    smaller_groups: AnswerSummary | None


class QuestionResults(BaseModel):
    """The answers to one question. Free text is only counted: it may tell who wrote it."""

    id: str
    kind: str
    text: str
    options: list[Option]
    measures: list[MeasureResults]


class PublishedResults(BaseModel):
    """All that a survey's results show. Numbers of people are multiples of `rounded_to`, rounded down."""

    rounded_to: int
    respondents: MeasureResults
    questions: list[QuestionResults]
    priorities: list[TopicPriority]
