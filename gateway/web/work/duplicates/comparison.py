"""Members of a group of duplicates side by side: field by field, with what differs in words and marked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.web.api_client import Document
from gateway.web.contributions.word_changes import Piece, compare
from gateway.web.layout.page import WebPage
from gateway.web.work.item_fields import FIELDS, field_text

SAME: Final = "same"
DIFFERENT: Final = "different"
ONLY_SOME: Final = "only_some"


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field of all members. `state`: whether they say the same, or only some say anything (`holders`, from 1)."""

    name: str
    label: str
    state: str
    values: list[list[Piece]]
    holders: list[int]


def compare_fields(page: WebPage, members: Sequence[Document], topics: Mapping[str, str]) -> list[FieldRow]:
    """Return the fields that at least one member has, those that differ first."""
    rows = [_row(page, name, members, topics) for name in FIELDS]
    order = (DIFFERENT, ONLY_SOME, SAME)
    return sorted((row for row in rows if row.holders), key=lambda row: order.index(row.state))


def _row(page: WebPage, name: str, members: Sequence[Document], topics: Mapping[str, str]) -> FieldRow:
    texts = [field_text(page, name, member.get(name), topics) for member in members]
    holders = [number for number, text in enumerate(texts, 1) if text]
    distinct = {text for text in texts if text}
    if len(distinct) > 1:
        return FieldRow(name, page.text(FIELDS[name]), DIFFERENT, _marked(texts), holders)
    state = SAME if len(holders) == len(texts) else ONLY_SOME
    return FieldRow(
        name, page.text(FIELDS[name]), state, [[Piece(text, False)] if text else [] for text in texts], holders
    )


def _marked(texts: Sequence[str]) -> list[list[Piece]]:
    """Return the texts in pieces, with what the first does not say marked; in the first, what the second does not."""
    comparisons = [compare(texts[0], text) for text in texts[1:]]
    if not texts[0]:
        return [[], *([Piece(text, False)] if text else [] for text in texts[1:])]
    first = comparisons[0].before if len(texts) == 2 and texts[1] else [Piece(texts[0], False)]
    return [first, *(comparison.after for comparison in comparisons)]


def members_shown(members: Sequence[Document]) -> str:
    """Return which members are shown, and as of when: for a hidden field, to say later what has changed."""
    return " ".join(f"{member['id']}={member['updated_at']}" for member in members)


def changes_since(shown: str, members: Sequence[Document]) -> dict[str, list[str]]:
    """Return which members are new, were changed, or are gone since these were shown, by their titles or ids."""
    before = {id: at for id, _, at in (pair.partition("=") for pair in shown.split())}
    now = {str(member["id"]): member for member in members}
    return {
        "new": [str(member["title"]) for id, member in now.items() if before and id not in before],
        "changed": [
            str(member["title"])
            for id, member in now.items()
            if before.get(id, member["updated_at"]) != member["updated_at"]
        ],
        "gone": [id for id in before if id not in now],
    }
