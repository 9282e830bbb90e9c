"""In what a record and an item differ: not in how two databases write the same."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz

from services.evidence.library.items.identifiers.rules import folded, surname
from services.evidence.library.works.duplicates.features import compare_authors, compare_venues
from services.evidence.library.works.duplicates.works import Work

SAME_TEXT_SIMILARITY = 90.0
"""Percent of the letters, by edit distance (rapidfuzz `ratio`): an abstract and the same with a line of copyright."""
NEVER_DIFFERENT = frozenset({"keywords", "url"})
"""Each database has its own."""

Reference = tuple[str, Mapping[str, Any]]
"""The title and the details of a work."""


def differ(name: str, our_reference: Reference, their_reference: Reference, ours: Any, theirs: Any) -> bool:  # noqa: ANN401  of any field
    """Return whether two values of a field, neither of which is empty, say different things."""
    if name in NEVER_DIFFERENT:
        return False
    are_different = _ARE_DIFFERENT.get(name)
    return are_different is None or are_different(Work(*our_reference), Work(*their_reference), ours, theirs)


def _first_number(text: str) -> str:
    match = re.search(r"\d+", text)
    return match[0].lstrip("0") if match else folded(text)


def _are_different_texts(a: str, b: str) -> bool:
    return a not in b and b not in a and fuzz.ratio(a, b, score_cutoff=SAME_TEXT_SIMILARITY) == 0


def _have_different_surnames(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    return {folded(surname(name)) for name in ours} != {folded(surname(name)) for name in theirs}


_ARE_DIFFERENT: dict[str, Callable[[Work, Work, Any, Any], bool]] = {
    "title": lambda a, b, _ours, _theirs: a.title != b.title,
    "authors": lambda a, b, ours, theirs: len(ours) != len(theirs) or compare_authors(a, b) == "different",
    "editors": lambda _a, _b, ours, theirs: _have_different_surnames(ours, theirs),
    "published_in": lambda a, b, _ours, _theirs: compare_venues(a, b) == "different",
    "published_on": lambda _a, _b, ours, theirs: not ours.startswith(theirs),
    "volume": lambda a, b, _ours, _theirs: a.volume != b.volume,
    "issue": lambda _a, _b, ours, theirs: _first_number(ours) != _first_number(theirs),
    "pages": lambda a, b, _ours, _theirs: a.page != b.page,
    "summary": lambda _a, _b, ours, theirs: _are_different_texts(folded(ours), folded(theirs)),
    "publisher": lambda _a, _b, ours, theirs: _are_different_texts(folded(ours), folded(theirs)),
}
"""By field: whether two works differ in it, from the works and both values. Of any other field, values that differ."""
