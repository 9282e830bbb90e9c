"""Guides as they are answered: with who speaks, who is missing, and what stands against what is cited."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.evidence.guides.citing import Cited, Mark, Reason, marks, open_marks, voices
from services.evidence.guides.confidence import Confidence
from services.evidence.guides.documents import Burden, GuideContent, GuideStatement, StatementCitation
from services.evidence.guides.tables import Guide
from services.evidence.items.descriptions import WAYS
from services.evidence.items.retraction import Retraction
from services.evidence.items.views import PRIVATE, PUBLIC, attribution
from shared.contracts.evidence import WayOfKnowing
from shared.http import View
from shared.problems import FieldError

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


@dataclass(frozen=True)
class Shown:
    """An edition and all that is needed to show it. `known`: what is noted of its citations."""

    content: GuideContent
    cited: Mapping[UUID, Any]
    state: GuideState
    edition: int
    published_at: datetime | None = None
    superseded_at: datetime | None = None
    known: Mapping[tuple[UUID, UUID], Any] = field(default_factory=dict[tuple[UUID, UUID], Any])

    @property
    def stands(self) -> bool:
        """Whether it is the published edition of today."""
        return self.state == "published" and self.superseded_at is None


def whole(guide: Guide, shown: Shown) -> dict[str, Any]:
    """The fields of a GuideView."""
    statements = [_statement(one, shown) for one in shown.content.statements]
    content = shown.content
    return {
        "id": guide.id,
        "state": shown.state,
        "edition": shown.edition,
        "title": content.title,
        "summary": content.summary,
        "language": content.language,
        "topics": content.topics,
        "review_on": guide.review_on if shown.stands else content.review_on,
        "published_at": shown.published_at,
        "superseded_at": shown.superseded_at,
        "balance": _whole_balance(content, shown.cited, statements),
        "being_looked_at": any(statement.flags for statement in statements),
        "statements": statements,
    }


def _statement(statement: GuideStatement, shown: Shown) -> ShownStatement:
    flags: list[GuideFlag] = []
    citations: list[ShownCitation] = []
    for one in statement.citations:
        now = shown.cited[one.item_id]
        noted = shown.known.get((statement.id or one.item_id, one.item_id))
        citations.append(_citation(one, now, noted))
        against = open_marks(marks(one.item_id, one.edition or now.edition, now), noted.kept if noted else ())
        flags += [_flag(mark, one.item_id, now, noted) for mark in against[:1]]
    return ShownStatement.model_construct(
        **{name: getattr(statement, name) for name in _OWN},
        citations=citations,
        balance=_balance([one.item_id for one in statement.citations], shown.cited),
        flags=flags,
    )


_OWN = ("id", "text", "what_to_try", "cost", "effort", "conditions", "confidence")


def _citation(one: StatementCitation, now: Any, noted: Any) -> ShownCitation:
    public = now.state == "published"
    return ShownCitation.model_construct(
        item_id=one.item_id,
        edition=one.edition or now.edition,
        current_edition=now.edition if public else None,
        way_of_knowing=now.way_of_knowing,
        state="published" if public else "withdrawn",
        title=now.title if public else None,
        attributed_to=attribution(now.way_of_knowing, now.own) if public else [],
        why=one.why if public else "",
        retraction=Retraction.model_validate(now.retraction) if public and now.retraction else None,
        merged_into=now.id if now.id != one.item_id else None,
        withdrawn_at=None if public else now.withdrawn_at,
        looked_at=[LookedAt.model_validate(each) for each in (noted.kept if noted and public else ())],
    )


def _flag(mark: Mark, item_id: UUID, now: Cited, noted: Any) -> GuideFlag:
    """Since when: since it was noted; until then, since the item was touched."""
    since = noted.flagged_at if noted and noted.flagged_at else now.updated_at
    return GuideFlag(reason=mark.reason, item_id=item_id, since=since, said=SAID[mark.reason])


def _balance(item_ids: Iterable[UUID], cited: Mapping[UUID, Cited]) -> GuideBalance:
    speaking = voices(item_ids, cited)
    missing: list[WayOfKnowing] = [way for way in WAYS if not speaking[way]]
    return GuideBalance.model_construct(**speaking, missing=missing, said=_said("this statement", missing))


def _whole_balance(
    content: GuideContent, cited: Mapping[UUID, Cited], statements: Collection[ShownStatement]
) -> WholeBalance:
    every = {citation.item_id for statement in content.statements for citation in statement.citations}
    balance = _balance(every, cited)
    without = {way: sum(way in one.balance.missing for one in statements) for way in WAYS}
    said = _said("this guide", balance.missing)
    return WholeBalance.model_validate(
        balance.model_dump() | {"said": said, "statements_without": without},
    )


def _said(where: str, missing: Collection[WayOfKnowing]) -> str:
    if not missing:
        return f"Research, lived experience and practice knowledge all speak in {where}."
    if len(missing) == len(WAYS):
        return f"Nothing that stands today speaks in {where}."
    names = " and ".join(NAMES[way] for way in missing)
    return f"{names[0].upper()}{names[1:]} {'is' if len(missing) == 1 else 'are'} missing from {where}."


def flagged(row: Any) -> FlaggedStatement:
    """A row of `flagging.flags`."""
    return FlaggedStatement.model_validate({**row._mapping, "said": SAID[row.reason], "mine": row.others == 0})


def answered(view: GuideView, guide: Guide, *, public: bool, status: int = 200) -> Response:
    """With an ETag of the guide's own version and of all that it shows of others."""
    body = view.model_dump_json().encode()
    shown = hashlib.sha256(body).hexdigest()[:16]
    headers = {**(PUBLIC if public else PRIVATE), "ETag": f'"{guide.version}-{shown}"'}
    return Response(body, status, headers, media_type="application/json")
