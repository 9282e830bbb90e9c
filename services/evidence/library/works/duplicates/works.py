"""A work as it is compared: the fields of its reference, normalised so that two databases agree on them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from services.evidence.library.items.identifiers.rules import WORK_SCHEMES, folded, surname


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


SMALL_WORDS = _set(
    "a an and are as at be by can do does for from how in into is it its of on or that the their this to upon versus "
    "vs what when where which who why with der die das und le la les de du des et el los en y"
)
MAX_AUTHORS = 50
ANONYMOUS = frozenset({"", "unknown", "anonymous", "anon", "no author", "no authors", "n a"})
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}
PARTS = frozenset({"part", "paper", "volume", "vol", "phase", "study", "chapter", "section", "report", "wave"})
MEETINGS = _set("conference proceedings symposium workshop congress meeting symposia conferences workshops colloquium")
ABOUT_OTHERS = _set(
    "addendum comment commentary comments corrected correction corrections corrigenda corrigendum discussion errata "
    "erratum protocol rebuttal rejoinder replies reply response retracted retraction review withdrawal withdrawn"
)
"""A work that has such a word in its title is another work than one that has not."""
ANNOTATION = re.compile(
    r"<[^>]{1,40}>|[\[(;]\s*(?:(?:erratum|correction|comment|see comment|retraction|update|summary)s?\b[^\])]{0,200}"
    r"|(?:author repl|discussion)[^\])]{0,60})[\])]?",
    re.IGNORECASE,
)
"""Mark-up, and notes of databases behind a title about other papers: `[Erratum appears in ...]`."""

_NUMBER = re.compile(r"\d+")
_PAGE = re.compile(r"[a-z]{0,3}\d+")
_LEADING_ZEROS = re.compile(r"^([a-z]*)0+(?=\d)")


@dataclass(frozen=True, slots=True)
class Author:
    """`key`: the surname where it is clear; `words`: all of the name; `initial`: of the given name."""

    key: str
    words: frozenset[str]
    initial: str


class ComparedTitle(NamedTuple):
    """What is stored of a work, so that most works that share a key with another one need not be read as a whole."""

    title: str
    identifiers: str
    """Of the work: `doi:10.5555/a pmid:1`."""


class Work:
    """One reference, from an item of research: its title and its details.

    Most fields are normalised when they are first read: of most pairs that share a key, the titles suffice.
    """

    def __init__(self, title: str, details: Mapping[str, Any]) -> None:
        self._details = details
        normalised_title = _without_venue(folded(ANNOTATION.sub(" ", title)), self.venue)
        self.title = "" if normalised_title in ANONYMOUS else normalised_title
        """Letters and digits alone, in lower case."""
        self.words = tuple(normalised_title.split())
        date: str = details.get("published_on") or ""
        self.year = int(date[:4]) if date[:4].isdecimal() else None
        self.identifiers = frozenset(
            (name["scheme"], name["value"])
            for name in details.get("identifiers") or ()
            if name["scheme"] in WORK_SCHEMES
        )
        """Identifiers of works: scheme and value."""

    @property
    def compared_title(self) -> ComparedTitle:
        return ComparedTitle(self.title, " ".join(sorted(f"{scheme}:{value}" for scheme, value in self.identifiers)))

    @cached_property
    def venue(self) -> str:
        return _folded_venue(self._details.get("published_in") or "")

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers in the title, also Roman ones where they count parts."""
        return _numbers(self.words)

    @cached_property
    def first_author(self) -> Author | None:
        return next(self._iterate_authors(), None)

    @cached_property
    def authors(self) -> tuple[Author, ...]:
        return tuple(self._iterate_authors())

    @cached_property
    def volume(self) -> str:
        return _first_number(self._details.get("volume"))

    @cached_property
    def page(self) -> str:
        """The first page."""
        return _first_page(self._details.get("pages"))

    @property
    def is_conference_paper(self) -> bool:
        """Whether its kind or its venue says that it was given at a conference."""
        return self._details.get("kind") == "conference_paper" or not MEETINGS.isdisjoint(self.venue.split())

    def identifiers_of(self, scheme: str) -> set[str]:
        return {value for identifier_scheme, value in self.identifiers if identifier_scheme == scheme}

    def _iterate_authors(self) -> Iterator[Author]:
        names: Sequence[str] = self._details.get("authors") or ()
        return (author for name in names[:MAX_AUTHORS] if (author := _parse_author(name)) is not None)


def content_words(words: Sequence[str]) -> list[str]:
    """Return the words that say what a title is about."""
    return [word for word in words if word not in SMALL_WORDS]


def _without_venue(title: str, venue: str) -> str:
    """Remove the journal's name from the start of a title, where some databases put it."""
    while venue and len(venue.split()) > 2 and title.startswith(f"{venue} "):
        title = title[len(venue) + 1 :]
    return title


def _numbers(words: Sequence[str]) -> frozenset[str]:
    numbers = {word.lstrip("0") or "0" for word in words if word.isdecimal()}
    for previous, word in zip(("", *words), words, strict=False):
        if word in ROMAN and (previous in PARTS or (word == words[-1] and len(word) > 1)):
            numbers.add(ROMAN[word])
    return frozenset(numbers)


@lru_cache(maxsize=10_000)
def _folded_venue(name: str) -> str:
    """Return the normalised name. Cached, since a few journals publish most works of a field."""
    return folded(name)


@lru_cache(maxsize=10_000)
def _parse_author(name: str) -> Author | None:
    normalised_name = folded(name)
    if normalised_name in ANONYMOUS:
        return None
    words = normalised_name.split()
    key = folded(surname(name))
    given_names = [word for word in words if word not in key.split()]
    initial = given_names[0][0] if given_names else ""
    return Author(key, frozenset(word for word in words if len(word) > 1), initial)


def _first_number(text: str | None) -> str:
    match = _NUMBER.search(text or "")
    return match[0].lstrip("0") or "0" if match else folded(text or "")


def _first_page(text: str | None) -> str:
    """Return the first page, also `e12` or `cd002273`, without leading zeros."""
    match = _PAGE.search((text or "").lower())
    return _LEADING_ZEROS.sub(r"\1", match[0]) if match else ""
