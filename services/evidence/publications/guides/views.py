"""Guides as they are answered: with who speaks, who is missing, and what stands against what is cited."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from fastapi import Response
from pydantic import Field

from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.views import PRIVATE, PUBLIC
from services.evidence.publications.guides.citing import Reason
from services.evidence.publications.guides.confidence import Confidence
from services.evidence.publications.guides.documents import Burden
from services.evidence.publications.guides.tables import Guide
from shared.events.contracts.evidence import WayOfKnowing
from shared.problems import FieldError
from shared.views import View

GuideState = Literal["draft", "review", "published", "withdrawn"]
NAMES: dict[WayOfKnowing, str] = {
    "research": "research",
    "lived_experience": "lived experience",
    "practice_knowledge": "practice knowledge",
}
SAID: dict[Reason, str] = {
    "withdrawn": "What this stands on was withdrawn.",
    "retracted": "A work that this stands on was retracted.",
    "concern": "A publisher has voiced concern about a work that this stands on.",
    "corrected": "A work that this stands on was corrected.",
    "merged": "An item that this stands on became part of another.",
    "changed": "An item that this stands on has changed since.",
}


class GuideBalance(View):
    """How many items of each way of knowing speak. What was withdrawn or retracted does not."""

    research: int
    lived_experience: int
    practice_knowledge: int
    missing: list[WayOfKnowing]
    said: str = Field(description="Who is missing, in plain words.")


class WholeBalance(GuideBalance):
    """Of a whole guide."""

    statements_without: dict[WayOfKnowing, int] = Field(
        description="In how many statements a way of knowing does not speak."
    )


class GuideFlag(View):
    """A statement is being looked at again, and why."""

    reason: Reason
    item_id: UUID
    since: datetime
    said: str


class LookedAt(View):
    """An editor looked at what changed, and decided that the statement holds."""

    reason: Reason
    because: str
    on: date


class ShownCitation(View):
    """An item that a statement stands on. Of a withdrawn one only its tombstone is left, nor what was said of it."""

    item_id: UUID
    edition: int = Field(description="The edition that was read when this was written.")
    current_edition: int | None
    way_of_knowing: WayOfKnowing
    state: Literal["published", "withdrawn"]
    title: str | None
    attributed_to: list[str] = Field(description="Whom to credit, as they wish to be named today.")
    why: str
    retraction: Retraction | None = Field(description="What became of the work itself. To be said first.")
    merged_into: UUID | None = Field(description="The item that stands for this one too.")
    withdrawn_at: datetime | None
    looked_at: list[LookedAt]


class ShownStatement(View):
    """One thing that a guide says, who says it, and how sure its authors are."""

    id: UUID
    text: str
    what_to_try: str
    cost: Burden | None
    effort: Burden | None
    conditions: str
    confidence: Confidence | None
    citations: list[ShownCitation]
    balance: GuideBalance
    flags: list[GuideFlag]


class GuideView(View):
    """A guide: what is known, who says so, and what to try today."""

    id: UUID
    state: GuideState
    edition: int
    title: str
    summary: str
    language: str
    topics: list[UUID]
    review_on: date | None
    published_at: datetime | None
    superseded_at: datetime | None = Field(description="Until when this edition stood; null for the one that does.")
    balance: WholeBalance
    being_looked_at: bool = Field(
        description="Whether something that it stands on has changed, and nobody decided yet."
    )
    statements: list[ShownStatement]


class GuideDraftView(GuideView):
    """The next edition while it is written. For editors."""

    returned_because: str | None
    still_missing: list[FieldError] = Field(description="What stands in the way of its review.")


class GuideSummary(View):
    """A guide in a list."""

    id: UUID
    state: GuideState
    edition: int
    title: str
    summary: str = Field(description="At most the first 600 characters.")
    language: str
    topics: list[UUID]
    ways_of_knowing: list[WayOfKnowing]
    statements: int
    review_on: date | None
    published_at: datetime | None
    being_looked_at: bool


class GuideEdition(View):
    edition: int
    title: str
    published_at: datetime
    superseded_at: datetime | None


class FlaggedStatement(View):
    """Something for an editor to decide."""

    guide_id: UUID
    guide: str
    statement_id: UUID
    statement: str
    item_id: UUID
    edition: int
    reason: Reason
    said: str
    since: datetime
    mine: bool = Field(description="Whether you own the guide.")
    decided: Literal["repin", "remove"] | None = Field(description="What its next edition will do about it.")


def flagged(row: Any) -> FlaggedStatement:
    """A row of `flagging.flags`."""
    return FlaggedStatement.model_validate({**row._mapping, "said": SAID[row.reason], "mine": row.others == 0})


def answered(view: Mapping[str, Any], guide: Guide, *, public: bool, status: int = 200) -> Response:
    """With an ETag of the guide's own version and of all that it shows of others."""
    body = orjson.dumps(view, default=str, option=orjson.OPT_UTC_Z)
    shown = hashlib.sha256(body).hexdigest()[:16]
    headers = {**(PUBLIC if public else PRIVATE), "ETag": f'"{guide.version}-{shown}"'}
    return Response(body, status, headers, media_type="application/json")
