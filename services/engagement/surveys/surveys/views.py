"""Bodies and views of surveys."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field

from services.engagement.surveys.surveys import rules
from services.engagement.surveys.surveys.rules import Question, SurveyGroup
from services.engagement.surveys.surveys.tables import SurveyStatus
from shared.views import Body, Day, View

Questions = Annotated[tuple[Question, ...], Field(max_length=100), AfterValidator(rules.check_distinct_ids)]
Groups = Annotated[
    tuple[SurveyGroup, ...],
    Field(min_length=1, description="Whom the survey asks: every group by invitation, unless given."),
    AfterValidator(rules.check_distinct_groups),
]
EXAMPLE: dict[str, Any] = {
    "title": "What should come first?",
    "questions": [
        {
            "id": "first",
            "kind": "rank",
            "text": "Put these in the order in which they matter to you.",
            "options": [
                {
                    "id": "breaks",
                    "text": "Breaks for unpaid carers",
                    "topic_id": "01980000-0000-7000-8000-000000000001",
                },
                {"id": "pay", "text": "Fair pay for people who work in care"},
            ],
        },
        {"id": "more", "kind": "free_text", "text": "What else should we know?"},
    ],
    "groups": [
        {"group": "unpaid_carers", "admission": "invitation"},
        {"group": "researchers", "admission": "signed_in"},
    ],
    "closes_on": "2027-03-31",
}


class SurveyRequest(Body):
    """A survey as an engagement officer drafts it."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    title: str = Field(min_length=1, max_length=200)
    introduction: str | None = Field(default=None, max_length=2000)
    questions: Questions = ()
    groups: Groups = rules.EVERY_GROUP
    closes_on: Day | None = Field(default=None, description="The last day for answers.")


class SurveyPatch(Body):
    """What changes (RFC 7396): what is left out stays; `questions` and `groups` are replaced as a whole."""

    title: str | None = None
    introduction: str | None = None
    questions: Questions | None = None
    groups: Groups | None = None
    closes_on: Day | None = None


class SurveyView(View):
    """A survey as people see it."""

    id: UUID
    title: str
    introduction: str | None
    questions: tuple[Question, ...]
    groups: tuple[SurveyGroup, ...]
    status: SurveyStatus
    closes_on: date | None
    opened_at: datetime | None
    closed_at: datetime | None
    created_at: datetime
