"""What is written in a guide: one document, kept whole for the draft and for every edition."""

from datetime import date
from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from services.evidence.publications.guides.confidence import Confidence
from services.evidence.publications.guides.words import Language, Plain, Sentence, Title
from shared.views import Body

MOST_STATEMENTS = 1_000
MOST_CITATIONS = 50

EXAMPLE: dict[str, Any] = {
    "title": "Breaks that carers can book themselves",
    "summary": "What helps a carer to get away for a few days, and what it takes.",
    "topics": ["01980000-0000-7000-8000-000000000001"],
    "review_on": "2027-11-01",
    "statements": [
        {
            "text": "Carers use breaks more when they can book them without an assessment each time.",
            "what_to_try": "Give ten carers a number to ring, and book what they ask for.",
            "cost": {"level": "low", "in_words": "An hour a week of one worker."},
            "effort": {"level": "moderate", "in_words": "Providers must share their free hours."},
            "conditions": "Works where at least two providers have somebody free.",
            "confidence": {
                "kind": "in_plain_words",
                "confidence": "Likely: three teams and the people they support say so.",
                "reason": "Nobody has compared it with what was there before.",
            },
            "citations": [{"item_id": "01980000-0000-7000-8000-000000000003", "why": "What one team did."}],
        }
    ],
}


class Burden(Body):
    """What something takes, roughly and in words."""

    model_config = ConfigDict(frozen=True)

    level: Literal["none", "low", "moderate", "high", "not_known"]
    in_words: Sentence = Field(examples=["An hour a week of one worker."])


class StatementCitation(Body):
    """The edition of an item that a statement stands on. Without `edition`: the one that stands today."""

    item_id: UUID
    edition: int | None = Field(default=None, ge=1)
    why: Plain = Field(default="", max_length=600, description="What it adds; for a retracted one, why it is here.")


class GuideStatement(Body):
    """One thing that a guide says. It keeps its id in all editions: send it back to change the statement."""

    id: UUID | None = None
    text: Sentence
    what_to_try: Plain = Field(default="", description="What to try today.")
    cost: Burden | None = None
    effort: Burden | None = None
    conditions: Plain = Field(default="", description="For whom, where and when it holds.")
    confidence: Confidence | None = None
    citations: list[StatementCitation] = Field(default=[], max_length=MOST_CITATIONS)


class GuideContent(Body):
    """A guide as its authors write it. It may have gaps until it is given to somebody for review."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    title: Title
    summary: Plain = ""
    language: Language = "en"
    topics: list[UUID] = Field(default=[], max_length=20)
    review_on: date | None = Field(default=None, description="The day by which somebody looks whether it still holds.")
    statements: list[GuideStatement] = Field(default=[], max_length=MOST_STATEMENTS)

    def kept(self) -> dict[str, Any]:
        """As the database keeps it."""
        return self.model_dump(mode="json")


def cited_in(content: GuideContent) -> list[UUID]:
    """Each item once."""
    return sorted({citation.item_id for statement in content.statements for citation in statement.citations})
