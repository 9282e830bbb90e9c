"""Guides as the API returns them: which ways of knowing they cite, which are missing, and what is flagged."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from services.evidence.library.items.descriptions import Retraction
from services.evidence.publications.cited_items.rules import Reason
from services.evidence.publications.cited_items.views import AcceptedIssue, UnplacedCounts
from services.evidence.publications.guides.documents.confidence import Confidence
from services.evidence.publications.guides.documents.content import Burden
from services.evidence.publications.guides.tables import GuideStatus
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.pagination import Page
from shared.problems import FieldError
from shared.views import View

WAY_NAMES: dict[WayOfKnowing, str] = {
    "research": "research",
    "lived_experience": "lived experience",
    "practice_knowledge": "practice knowledge",
}
FLAG_EXPLANATIONS: dict[Reason, str] = {
    "withdrawn": "An item that this relies on was withdrawn.",
    "retracted": "A work that this relies on was retracted.",
    "concern": "A publisher has expressed concern about a work that this relies on.",
    "corrected": "A work that this relies on was corrected.",
    "superseded": "A newer work has taken the place of one that this relies on.",
    "merged": "An item that this relies on was merged into another.",
    "changed": "An item that this relies on has a new edition.",
}


class StatementBalance(View):
    """How many items of each way of knowing are cited. Withdrawn and retracted ones do not count."""

    research: int
    lived_experience: int
    practice_knowledge: int
    missing: list[WayOfKnowing]
    explanation: str = Field(description="Which ways of knowing are missing, in plain words.")


class GuideBalance(StatementBalance):
    """The balance of the whole guide, in which each item counts once."""

    statements_without: dict[WayOfKnowing, int] = Field(
        description="In how many statements each way of knowing is not cited."
    )


class GuideFlag(View):
    """Why a statement is being reviewed: something that it cites has changed, and nobody has decided about it."""

    reason: Reason
    item_id: UUID
    since: datetime
    explanation: str


class StatementCitationView(View):
    """An item that a statement relies on. Of a withdrawn one only a tombstone is shown, without `why`."""

    item_id: UUID
    edition: int = Field(description="The edition that the authors read.")
    current_edition: int | None
    way_of_knowing: WayOfKnowing
    status: Literal["published", "withdrawn"]
    title: str | None
    language: str | None = Field(description="Of the item, while it is published.")
    attributed_to: list[str] = Field(description="Whom to credit, as they wish to be named today.")
    why: str
    retraction: Retraction | None = Field(description="A notice about the work itself. Show it first.")
    merged_into: UUID | None = Field(description="The item that this one was merged into.")
    withdrawn_at: datetime | None
    repeats: bool = Field(
        description="The statement repeats words of it that were taken back; nobody need have cited it. It is held "
        "back until an edition does without them."
    )
    accepted_issues: list[AcceptedIssue]


class StatementView(View):
    """One statement of a guide, with its evidence and the confidence of its authors."""

    id: UUID
    text: str
    what_to_try: str
    cost: Burden | None
    effort: Burden | None
    conditions: str
    confidence: Confidence | None
    citations: list[StatementCitationView]
    balance: StatementBalance
    flags: list[GuideFlag]
    held_back: bool = Field(
        description="All that it relies on was withdrawn or retracted. Until an editor has decided, a sentence that "
        "says so stands in its place, and only those who write guides read the statement."
    )


class GuideView(View):
    """An edition of a guide: what is known, on what evidence, and what to try today."""

    id: UUID
    status: GuideStatus
    edition: int
    title: str
    summary: str
    language: str
    topics: list[UUID]
    review_on: date | None
    published_at: datetime | None
    superseded_at: datetime | None = Field(
        description="When the next edition replaced this one; null for the current one."
    )
    balance: GuideBalance
    is_flagged: bool = Field(description="Whether something that it cites has changed, and nobody has decided yet.")
    statements: list[StatementView]


class GuideDraftView(GuideView):
    """The next edition while it is being written. For editors."""

    returned_because: str | None
    written_by_you: bool = Field(description="You wrote in this edition: another editor reads and publishes it.")
    obstacles: list[FieldError] = Field(description="What to add or change before it can be submitted for review.")


class GuideSummary(View):
    """A guide in a list."""

    id: UUID
    status: GuideStatus
    edition: int
    title: str
    summary: str = Field(description="At most the first 600 characters.")
    language: str
    topics: list[UUID]
    ways_of_knowing: list[WayOfKnowing]
    statements: int
    review_on: date | None
    published_at: datetime | None
    is_flagged: bool


class GuidePage(Page[GuideSummary], UnplacedCounts):
    """One page of guides."""


class GuideEditionSummary(View):
    """An edition in the list of a guide's editions."""

    edition: int
    title: str
    published_at: datetime
    superseded_at: datetime | None


class GuideWithdrawal(View):
    """The tombstone of a withdrawn guide."""

    id: UUID
    withdrawn_at: datetime
