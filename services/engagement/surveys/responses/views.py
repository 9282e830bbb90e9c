"""Bodies and views of responses."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import ConfigDict, Field

from services.engagement.directory.people.rules import StakeholderGroup
from shared.views import Body, View


class ResponseRequest(Body):
    """One person's answers, by question id. A question that is left out, null or blank is skipped."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"answers": {"first": ["pay", "breaks"], "more": "Ask us in the evening."}}}
    )

    group: StakeholderGroup | None = Field(
        default=None,
        description="Of a signed-in person: one that the survey lets in signed in; the centre's staff are `others`. "
        "With an invitation leave it out: the invitation has a group.",
    )
    answers: dict[str, Any] = Field(
        description="A score is a number, or one for each option; a rank is a list of options, the most important one "
        "first; a choice is an option; free text is text."
    )


class ReceiptView(View):
    """The answers are stored. `id` is that of this receipt alone: it leads nobody to the answers."""

    id: UUID
    survey_id: UUID
    answered_on: date
