"""Flags as editors see them, and their decisions."""

from datetime import datetime
from uuid import UUID

from pydantic import Field, model_validator

from services.evidence.publications.cited_items.rules import Reason
from services.evidence.publications.guides.documents.plain_text import PlainText
from services.evidence.publications.guides.flags.queries import ListedFlag
from services.evidence.publications.guides.flags.rules import Decision, DraftDecision
from services.evidence.publications.guides.views import FLAG_EXPLANATIONS
from shared.views import Body, View


class FlagDecision(Body):
    """`repin` cites the current edition, `remove` removes the citation, `keep` leaves it and explains why."""

    decision: Decision
    because: PlainText | None = Field(default=None, description="Required with `keep`. Shown to readers.")

    @model_validator(mode="after")
    def _require_reason(self) -> "FlagDecision":
        if self.decision == "keep" and not self.because:
            raise ValueError("Explain in `because` why the statement still holds")
        return self


class FlagOutcome(View):
    """The effect of a decision. A change of the statement is in the next edition, which somebody else must review."""

    decision: Decision
    in_next_edition: bool


class FlaggedStatement(View):
    """A flagged citation of a published guide."""

    guide_id: UUID
    guide: str
    statement_id: UUID
    statement: str
    item_id: UUID
    edition: int
    reason: Reason
    explanation: str
    since: datetime
    mine: bool = Field(description="Whether you own the guide.")
    held_back: bool = Field(description="Whether readers see a sentence in its place: it has nothing left to stand on.")
    decision: DraftDecision | None = Field(description="What the next edition of the guide will do about it.")

    @classmethod
    def of(cls, flag: ListedFlag) -> "FlaggedStatement":
        """Return the view."""
        explanation = FLAG_EXPLANATIONS[flag.reason]
        return cls.model_validate({**flag._asdict(), "explanation": explanation, "mine": flag.is_of_others == 0})
