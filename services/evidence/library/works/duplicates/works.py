"""A work as it is compared: what its reference says, in forms that stay the same between two databases."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from services.evidence.library.items.identifiers import WORK_SCHEMES, folded, surname


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


SMALL_WORDS = _set(
    "a an and are as at be by can do does for from how in into is it its of on or that the their this to upon versus "
    "vs what when where which who why with der die das und le la les de du des et el los en y"
)
MOST_AUTHORS = 50
NOBODY = frozenset({"", "unknown", "anonymous", "anon", "no author", "no authors", "n a"})
ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "x": "10"}
PARTS = frozenset({"part", "paper", "volume", "vol", "phase", "study", "chapter", "section", "report", "wave"})
MEETINGS = _set("conference proceedings symposium workshop congress meeting symposia conferences workshops colloquium")
ABOUT_OTHERS = _set(
    "addendum comment commentary comments corrected correction corrections corrigenda corrigendum discussion errata "
    "erratum protocol rebuttal rejoinder replies reply response retracted retraction review withdrawal withdrawn"
)
"""A work that has such a word in its title is another than the one that has not."""
ASIDE = re.compile(
    r"<[^>]{1,40}>|[\[(;]\s*(?:(?:erratum|correction|comment|see comment|retraction|update|summary)s?\b[^\])]{0,200}"
    r"|(?:author repl|discussion)[^\])]{0,60})[\])]?",
    re.IGNORECASE,
)
"""Mark-up, and what databases write behind a title about other papers: `[Erratum appears in ...]`."""


@dataclass(frozen=True, slots=True)
class Person:
    """An author: `key` is the surname where it can be told, `words` all of the name, `initial` of the given name."""

    key: str
    words: frozenset[str]
    initial: str


class Work:
    """One reference, from an item of research: its title and its own fields.

    Taken apart as far as it is asked: of most pairs that share a key, the titles say enough.
    """

    def __init__(self, title: str, own: Mapping[str, Any]) -> None:
        self._own = own
        plain = _without_venue(folded(ASIDE.sub(" ", title)), self.venue)
        self.title = "" if plain in NOBODY else plain
        """Letters and digits alone, in lower case."""
        self.words = tuple(plain.split())
        when: str = own.get("published_on") or ""
        self.year = int(when[:4]) if when[:4].isdecimal() else None
        self.names = frozenset(
            (one["scheme"], one["value"]) for one in own.get("identifiers") or () if one["scheme"] in WORK_SCHEMES
        )
        """Identifiers of works: scheme and value."""

    @cached_property
    def venue(self) -> str:
        return folded(self._own.get("published_in") or "")

    @cached_property
    def numbers(self) -> frozenset[str]:
        """Figures in the title, Roman ones too where they count parts."""
        return _numbers(self.words)

    @cached_property
    def first(self) -> Person | None:
        """Of its people."""
        return next(self._everybody(), None)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        return tuple(self._everybody())

    @cached_property
    def volume(self) -> str:
        return _first_number(self._own.get("volume"))

    @cached_property
    def page(self) -> str:
        """The first one."""
        return _first_page(self._own.get("pages"))

    @property
    def at_a_meeting(self) -> bool:
        """Whether it says that it was given at a conference."""
        return self._own.get("kind") == "conference_paper" or not MEETINGS.isdisjoint(self.venue.split())

    def values(self, scheme: str) -> set[str]:
        return {value for known, value in self.names if known == scheme}

    def _everybody(self) -> Iterator[Person]:
        names: Sequence[str] = self._own.get("authors") or ()
        return (person for name in names[:MOST_AUTHORS] if (person := _person(name)) is not None)


def telling(words: Sequence[str]) -> list[str]:
    """Those that say what a title is about."""
    return [word for word in words if word not in SMALL_WORDS]


def _without_venue(title: str, venue: str) -> str:
    """Some databases put the journal's name before the title, or in its place."""
    while venue and len(venue.split()) > 2 and title.startswith(f"{venue} "):
        title = title[len(venue) + 1 :]
    return title


def _numbers(words: Sequence[str]) -> frozenset[str]:
    found = {word.lstrip("0") or "0" for word in words if word.isdecimal()}
    for before, word in zip(("", *words), words, strict=False):
        if word in ROMAN and (before in PARTS or (word == words[-1] and len(word) > 1)):
            found.add(ROMAN[word])
    return frozenset(found)


def _person(name: str) -> Person | None:
    plain = folded(name)
    if plain in NOBODY:
        return None
    key = folded(surname(name))
    given = [word for word in plain.split() if word not in key.split()]
    return Person(key, frozenset(word for word in plain.split() if len(word) > 1), given[0][0] if given else "")


def _first_number(text: str | None) -> str:
    found = re.search(r"\d+", text or "")
    return found[0].lstrip("0") or "0" if found else folded(text or "")


def _first_page(text: str | None) -> str:
    """`e12` and `cd002273` too; without leading noughts."""
    found = re.search(r"[a-z]{0,3}\d+", (text or "").lower())
    return re.sub(r"^([a-z]*)0+(?=\d)", r"\1", found[0]) if found else ""
