"""What a guide cites: what stands against it today, who speaks by it, and how a citation moves."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple, Protocol
from uuid import UUID

from services.evidence.library.items.descriptions import WAYS
from services.evidence.publications.guides.documents import GuideContent, GuideStatement
from shared.events.contracts.evidence import WayOfKnowing

Reason = Literal["withdrawn", "retracted", "concern", "corrected", "merged", "changed"]
_NATURES: dict[str, Reason] = {
    "retraction": "retracted",
    "expression_of_concern": "concern",
    "correction": "corrected",
}


class Cited(Protocol):
    """An item that is cited, or the one that stands for it since a merge."""

    @property
    def id(self) -> UUID: ...
    @property
    def way_of_knowing(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def edition(self) -> int: ...
    @property
    def design(self) -> str | None: ...
    @property
    def retraction(self) -> dict[str, Any] | None: ...
    @property
    def updated_at(self) -> datetime: ...


class Mark(NamedTuple):
    """What stands against a citation. `mark` tells one such thing from the next: `changed:3`, `changed:4`."""

    reason: Reason
    mark: str


def marks(item_id: UUID, edition: int, now: Cited) -> list[Mark]:
    """What stands against this edition of this item today, the gravest first."""
    if now.state != "published":
        return [Mark("withdrawn", "withdrawn")]
    found: list[Mark] = []
    if now.retraction and (reason := _NATURES.get(now.retraction["nature"])):
        found.append(Mark(reason, f"{reason}:{now.retraction.get('on') or ''}"))
    if now.id != item_id:
        found.append(Mark("merged", f"merged:{now.id}"))
    elif now.edition > edition:
        found.append(Mark("changed", f"changed:{now.edition}"))
    return found


def open_marks(found: Iterable[Mark], kept: Iterable[Mapping[str, Any]]) -> list[Mark]:
    """Those that nobody has decided to live with."""
    lived_with = {each["mark"] for each in kept}
    return [mark for mark in found if mark.mark not in lived_with]


def stands(now: Cited | None) -> bool:
    """Whether it speaks in a guide: shown, and not taken back by its publisher."""
    taken_back = now is not None and now.retraction is not None and now.retraction["nature"] == "retraction"
    return now is not None and now.state == "published" and not taken_back


def voices(item_ids: Iterable[UUID], cited: Mapping[UUID, Cited]) -> dict[WayOfKnowing, int]:
    """How many items of each way of knowing speak; the same item under two ids counts once."""
    speaking = {now.id: now for item_id in item_ids if stands(now := cited.get(item_id)) and now is not None}
    ways = [now.way_of_knowing for now in speaking.values()]
    return {way: ways.count(way) for way in WAYS}


def pinned(content: GuideContent, cited: Mapping[UUID, Cited]) -> GuideContent:
    """Every citation with its edition: where none was named, the one that stands today."""
    return content.model_copy(
        update={
            "statements": [
                statement.model_copy(
                    update={
                        "citations": [
                            one.model_copy(update={"edition": one.edition or cited[one.item_id].edition})
                            for one in statement.citations
                        ]
                    }
                )
                for statement in content.statements
            ]
        }
    )


def repin(content: GuideContent, statement_id: UUID, item_id: UUID, now: Cited) -> GuideContent:
    """Let a statement stand on today's edition of the item, or of the one that it was merged into."""

    def citing(statement: GuideStatement) -> GuideStatement:
        there = {one.item_id for one in statement.citations}
        moved = [
            one.model_copy(update={"item_id": now.id, "edition": now.edition}) if one.item_id == item_id else one
            for one in statement.citations
            if one.item_id != item_id or now.id == item_id or now.id not in there
        ]
        return statement.model_copy(update={"citations": moved})

    return _with_statement(content, statement_id, citing)


def uncite(content: GuideContent, statement_id: UUID, item_id: UUID) -> GuideContent:
    def without(statement: GuideStatement) -> GuideStatement:
        left = [one for one in statement.citations if one.item_id != item_id]
        return statement.model_copy(update={"citations": left})

    return _with_statement(content, statement_id, without)


def _with_statement(
    content: GuideContent, statement_id: UUID, change: Callable[[GuideStatement], GuideStatement]
) -> GuideContent:
    changed = [change(one) if one.id == statement_id else one for one in content.statements]
    return content.model_copy(update={"statements": changed})
