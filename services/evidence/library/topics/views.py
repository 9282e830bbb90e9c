"""Topics as the API takes and returns them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from shared.disclosure import RoundedCount
from shared.events.contracts.engagement import RespondentGroup
from shared.views import Body, View


def _collapse_whitespace(name: str) -> str:
    return " ".join(name.split())


TopicName = Annotated[
    str, StringConstraints(min_length=2, max_length=120, pattern=r"^[^<>]*$"), AfterValidator(_collapse_whitespace)
]


class NewTopic(Body):
    """A topic to create."""

    name: TopicName = Field(examples=["Carers' health"])
    parent_id: UUID | None = None
    synonyms: list[TopicName] = Field(default=[], max_length=50, description="Other names that lead to this topic.")


class TopicPatch(Body):
    """What changes (RFC 7396). A null parent moves the topic to the top; synonyms replace all that it has."""

    name: TopicName | None = None
    parent_id: UUID | None = None
    synonyms: list[TopicName] | None = Field(default=None, max_length=50)


class TopicView(View):
    """A subject area. `priority` is 0 to 100, and null until somebody was asked."""

    id: UUID
    name: str
    parent_id: UUID | None
    synonyms: list[str] = Field(description="Other names that lead to this topic.")
    priority: int | None


class Coverage(View):
    """Published items under a topic and those below it, by way of knowing."""

    research: int = 0
    lived_experience: int = 0
    practice_knowledge: int = 0


class GroupScoreView(View):
    """What one stakeholder group scored a topic in a survey. `smaller_groups`: those too few to show, together."""

    group: RespondentGroup
    score: int
    people: int = Field(description="How many of it answered.")


class SurveyScoreView(View):
    """What one survey scored a topic. `by_group` is empty in results from before groups were published."""

    survey_id: UUID
    score: int
    respondents: int = Field(description="As the results show them: rounded down.")
    by_group: list[GroupScoreView]
    scored_at: datetime


class MentionsView(View):
    """How often a topic was raised in the last 12 months."""

    source: Literal["assemblies", "requests"]
    score: int | None = Field(description="0 to 100; null below the disclosure threshold.")
    people: RoundedCount = Field(description="People who took part, or who asked, each once for the topic.")
    counted: bool = Field(description="Whether it had a part in the priority.")


class PriorityBasis(View):
    """How the priority was calculated: the rule, and everything that went into it."""

    rule: str
    surveys: list[SurveyScoreView]
    mentions: list[MentionsView]


class TopicDetails(TopicView):
    """A topic with how its priority was calculated and what is published under it."""

    priority_basis: PriorityBasis
    coverage: Coverage
    created_at: datetime


class TopicBranch(TopicView):
    """A topic, what is published under it, and the topics below it."""

    coverage: Coverage
    topics: list["TopicBranch"]
