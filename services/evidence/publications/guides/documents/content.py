"""The document of a guide, stored whole for its draft and for every published edition."""

from typing import Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from services.evidence.publications.guides.documents.confidence import Confidence
from services.evidence.publications.guides.documents.plain_text import LanguageTag, PlainText, Sentence, Title
from shared.views import Body, Day

MAX_STATEMENTS = 1_000
MAX_CITATIONS_PER_STATEMENT = 50

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
    """How much something takes: a rough level, and a description in words."""

    model_config = ConfigDict(frozen=True)

    level: Literal["none", "low", "moderate", "high", "not_known"]
    in_words: Sentence = Field(examples=["An hour a week of one worker."])


class StatementCitation(Body):
    """An item that a statement relies on. Without `edition`, the current one is cited."""

    item_id: UUID
    edition: int | None = Field(default=None, ge=1)
    why: PlainText = Field(
        default="", max_length=600, description="What the item adds; of a retracted one, why it is cited."
    )


class GuideStatement(Body):
    """One statement of a guide. It keeps its id in all editions: send the id to change the statement."""

    id: UUID | None = None
    text: Sentence
    what_to_try: PlainText = Field(default="", description="What to try today.")
    cost: Burden | None = None
    effort: Burden | None = None
    conditions: PlainText = Field(default="", description="For whom, where and when it holds.")
    confidence: Confidence | None = None
    citations: list[StatementCitation] = Field(default=[], max_length=MAX_CITATIONS_PER_STATEMENT)


class GuideContent(Body):
    """A guide as its authors write it. It may be incomplete until it is submitted for review."""

    model_config = ConfigDict(json_schema_extra={"example": EXAMPLE})

    title: Title
    summary: PlainText = ""
    language: LanguageTag = "en"
    topics: list[UUID] = Field(default=[], max_length=20)
    review_on: Day | None = Field(default=None, description="The day by which the guide is reviewed again.")
    statements: list[GuideStatement] = Field(default=[], max_length=MAX_STATEMENTS)

    def to_json(self) -> dict[str, Any]:
        """Return the document as the database stores it."""
        return self.model_dump(mode="json")


def find_cited_ids(content: GuideContent) -> list[UUID]:
    """Return the ids of the cited items, each once, in a fixed order."""
    return sorted({citation.item_id for statement in content.statements for citation in statement.citations})
