"""An old and a new text side by side: which words of each are in both."""

import re
from difflib import SequenceMatcher
from typing import Any, NamedTuple

_pieces = re.compile(r"\s+|[^\s]+")
MAX_PIECES = 4000
"""Longer texts are shown without marks: to compare them would take seconds."""


class Piece(NamedTuple):
    """A piece of a text, and whether only this text has it."""

    text: str
    changed: bool


class Comparison(NamedTuple):
    """Both texts in pieces."""

    before: list[Piece]
    after: list[Piece]


def compare(before: str, after: str) -> Comparison:
    """Return both texts with what differs, by whole words."""
    old, new = _pieces.findall(before), _pieces.findall(after)
    if len(old) + len(new) > MAX_PIECES:
        return Comparison([Piece(before, False)], [Piece(after, False)])
    result = Comparison([], [])
    for operation, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for pieces, text in ((result.before, "".join(old[i:j])), (result.after, "".join(new[k:m]))):
            if text:
                pieces.append(Piece(text, operation != "equal"))
    return result


def text_of(value: Any) -> str:  # noqa: ANN401  a value of any field of an item
    """Return the value of a field as a text: years of a period, codes as they are."""
    match value:
        case None:
            return ""
        case {"from": first, "to": last}:
            return f"{first or ''} to {last or ''}".strip()
        case _:
            return str(value)
