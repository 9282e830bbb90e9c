"""A guide as it is answered, made straight from the document that is kept: a test holds it to `views.GuideView`."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.evidence.library.items.attribution import credited_names
from services.evidence.library.items.descriptions import WAYS
from services.evidence.publications.guides.citing import Cited, Mark, marks, open_marks, voices
from services.evidence.publications.guides.documents import GuideStatement
from services.evidence.publications.guides.tables import Guide
from services.evidence.publications.guides.views import NAMES, SAID, GuideState
from shared.events.contracts.evidence import WayOfKnowing

_OWN = ("id", "text", "what_to_try", "cost", "effort", "conditions", "confidence")
_UNSAID = {name: GuideStatement.model_fields[name].get_default() for name in _OWN if name != "text"}
"""A field that did not exist yet when an edition was written says nothing in it."""


@dataclass(frozen=True)
class Shown:
    """An edition and all that is needed to show it. `known`: what is noted of its citations."""

    content: Mapping[str, Any]
    """As `GuideContent.kept` has it."""
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


class _Item(NamedTuple):
    """An item that is cited, perhaps often: what every citation of it says alike."""

    id: UUID
    now: Any
    public: bool
    said: dict[str, Any]


def whole(guide: Guide, shown: Shown) -> dict[str, Any]:
    """The fields of a GuideView."""
    content = shown.content
    items = {str(item_id): _item(item_id, now) for item_id, now in shown.cited.items()}
    statements = [_statement(one, items, shown) for one in content["statements"]]
    return {
        "id": guide.id,
        "state": shown.state,
        "edition": shown.edition,
        **{name: content[name] for name in ("title", "summary", "language", "topics")},
        "review_on": guide.review_on if shown.stands else content["review_on"],
        "published_at": shown.published_at,
        "superseded_at": shown.superseded_at,
        "balance": _whole_balance(content, shown.cited, statements),
        "being_looked_at": any(statement["flags"] for statement in statements),
        "statements": statements,
    }


def items_in(content: Mapping[str, Any]) -> list[UUID]:
    """Each that is cited, once."""
    cited = {one["item_id"] for statement in content["statements"] for one in statement["citations"]}
    return [UUID(item_id) for item_id in sorted(cited)]


def _item(item_id: UUID, now: Any) -> _Item:
    public = now.state == "published"
    said: dict[str, Any] = {
        "current_edition": now.edition if public else None,
        "way_of_knowing": now.way_of_knowing,
        "state": "published" if public else "withdrawn",
        "title": now.title if public else None,
        "attributed_to": credited_names(now.way_of_knowing, now.details) if public else [],
        "retraction": now.retraction if public else None,
        "merged_into": now.id if now.id != item_id else None,
        "withdrawn_at": None if public else now.withdrawn_at,
    }
    return _Item(item_id, now, public, said)


def _statement(statement: Mapping[str, Any], items: Mapping[str, _Item], shown: Shown) -> dict[str, Any]:
    flags: list[dict[str, Any]] = []
    citations: list[dict[str, Any]] = []
    statement_id = UUID(statement["id"])
    for one in statement["citations"]:
        item = items[one["item_id"]]
        noted = shown.known.get((statement_id, item.id))
        edition = one["edition"] or item.now.edition
        citations.append(_citation(one, edition, item, noted))
        against = open_marks(marks(item.id, edition, item.now), noted.kept if noted else ())
        flags += [_flag(mark, item, noted) for mark in against[:1]]
    return {
        **{name: statement[name] if name in statement else _UNSAID[name] for name in _OWN},
        "citations": citations,
        "balance": _balance((items[one["item_id"]].id for one in statement["citations"]), shown.cited),
        "flags": flags,
    }


def _citation(one: Mapping[str, Any], edition: int, item: _Item, noted: Any) -> dict[str, Any]:
    kept = noted.kept if noted and item.public else ()
    return {
        "item_id": item.id,
        "edition": edition,
        **item.said,
        "why": one["why"] if item.public else "",
        "looked_at": [{name: each[name] for name in ("reason", "because", "on")} for each in kept],
    }


def _flag(mark: Mark, item: _Item, noted: Any) -> dict[str, Any]:
    """Since when: since it was noted; until then, since the item was touched."""
    since = noted.flagged_at if noted and noted.flagged_at else item.now.updated_at
    return {"reason": mark.reason, "item_id": item.id, "since": since, "said": SAID[mark.reason]}


def _balance(item_ids: Iterable[UUID], cited: Mapping[UUID, Cited], where: str = "this statement") -> dict[str, Any]:
    speaking = voices(item_ids, cited)
    missing: list[WayOfKnowing] = [way for way in WAYS if not speaking[way]]
    return {**speaking, "missing": missing, "said": _said(where, missing)}


def _whole_balance(
    content: Mapping[str, Any], cited: Mapping[UUID, Cited], statements: Collection[Mapping[str, Any]]
) -> dict[str, Any]:
    without = {way: sum(way in one["balance"]["missing"] for one in statements) for way in WAYS}
    return {**_balance(items_in(content), cited, "this guide"), "statements_without": without}


def _said(where: str, missing: Collection[WayOfKnowing]) -> str:
    if not missing:
        return f"Research, lived experience and practice knowledge all speak in {where}."
    if len(missing) == len(WAYS):
        return f"Nothing that stands today speaks in {where}."
    names = " and ".join(NAMES[way] for way in missing)
    return f"{names[0].upper()}{names[1:]} {'is' if len(missing) == 1 else 'are'} missing from {where}."
