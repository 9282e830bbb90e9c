"""Evidence requests: what those who ask send, and texts that staff send."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.evidence.library.items.descriptions import Country, Setting
from services.evidence.publications.guides.documents.plain_text import reject_markup
from services.evidence.publications.requests.tables import Used
from shared.events.contracts.evidence import Urgency
from shared.views import Body, TextLimit

Question = Annotated[
    str,
    StringConstraints(min_length=10),
    AfterValidator(TextLimit(5_000)),
    AfterValidator(reject_markup),
    Field(
        description="Only you and staff read it. Leave out names and anything by which somebody could be recognised.",
        examples=["Which ways to plan a break help a carer who never leaves the house?"],
    ),
]
AnswerText = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(reject_markup)]
TopicIds = Annotated[list[UUID], Field(max_length=20, description="Where you know them; staff add what is missing.")]


class NewEvidenceRequest(Body):
    """A question from practice. Only you and the staff of the centre see what you write."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "question": "Which ways to plan a break help a carer who never leaves the house?",
                "urgency": "this_week",
                "setting": "home care",
                "country": "GB-ENG",
            }
        }
    )

    question: Question
    urgency: Urgency
    topics: TopicIds = Field(default=[])
    setting: Setting | None = None
    country: Country | None = None


class TypedQuestion(Body):
    """A question that somebody has typed, and not sent: it is compared, and stored nowhere."""

    question: Annotated[str, StringConstraints(min_length=1, max_length=5_000)] = Field(
        examples=["How do I speak of breaks with a family?"]
    )


class EvidenceRequestPatch(Body):
    """A change while nobody has answered (RFC 7396). Staff may change topics, setting and country."""

    question: Question | None = None
    urgency: Urgency | None = None
    topics: TopicIds | None = None
    setting: Setting | None = None
    country: Country | None = None


class UseOfAnswer(Body):
    """Whether the answer was used, and what happened. Only you and the staff see it."""

    used: Used
    what_happened: Annotated[str, AfterValidator(TextLimit(20_000)), AfterValidator(reject_markup)] | None = None


class FurtherQuestion(Body):
    """A question that the answer left open."""

    question: Question
