"""Words that mean the same to the sector, from `synonyms.txt` beside this file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.evidence.discovery.search import language

LONGEST = 5
"""Words of the longest entry that is looked for in a question."""

_MARKED = re.compile(r"\s*\(cy\)$")


@dataclass(frozen=True, slots=True)
class Saying:
    """One entry of a group."""

    text: str
    welsh: bool

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """Under which a question's words may meet it."""
        words = language.words(self.text)
        if self.welsh:
            return [tuple(language.folded(word) for word in words)]
        return [tuple(language.stem(word) or language.folded(word) for word in words)]


@dataclass(frozen=True, slots=True)
class Concept:
    """Some words of a question that stand together, and what else means the same."""

    words: tuple[str, ...]
    others: tuple[Saying, ...]


class Synonyms:
    """Groups of sayings, found by the words of a question."""

    def __init__(self, groups: Iterable[Sequence[Saying]]) -> None:
        self.groups = [tuple(group) for group in groups]
        self._english: dict[tuple[str, ...], list[Saying]] = {}
        self._welsh: dict[tuple[str, ...], list[Saying]] = {}
        for group in self.groups:
            for saying in group:
                others = [each for each in group if each != saying]
                for key in saying.keys:
                    (self._welsh if saying.welsh else self._english).setdefault(key, []).extend(others)
        self._words = frozenset(word for key in (*self._english, *self._welsh) for word in key)

    def knows(self, word: str) -> bool:
        """Whether it stands in an entry, alone or beside others: `gofal`, of `gofal seibiant`."""
        return language.stem(word) in self._words or not self._words.isdisjoint(language.radicals(word))

    def concepts(self, words: Sequence[str]) -> list[Concept]:
        """The question in its units of meaning: the longest entries first, then each word alone."""
        return list(self._read(list(words)))

    def _read(self, words: list[str]) -> Iterator[Concept]:
        place = 0
        while place < len(words):
            for length in range(min(LONGEST, len(words) - place), 0, -1):
                taken = words[place : place + length]
                if others := self._others(taken):
                    yield Concept(tuple(taken), tuple(dict.fromkeys(others)))
                    place += length
                    break
            else:
                yield Concept((words[place],), ())
                place += 1

    def _others(self, words: Sequence[str]) -> list[Saying]:
        english = tuple(language.stem(word) or language.folded(word) for word in words)
        found = list(self._english.get(english, ()))
        # Each word of a Welsh saying may come in a mutated form, most of all the first.
        for first in language.radicals(words[0]):
            key = (first, *(language.folded(word) for word in words[1:]))
            found += self._welsh.get(key, ())
        return found


def read(lines: Iterable[str]) -> Iterator[list[Saying]]:
    for line in lines:
        if (told := line.split("#")[0].strip()) and (group := [_saying(entry) for entry in told.split(",")]):
            yield group


def _saying(entry: str) -> Saying:
    text = entry.strip()
    return Saying(_MARKED.sub("", text), bool(_MARKED.search(text)))


@lru_cache
def of_the_sector() -> Synonyms:
    return Synonyms(read(Path(__file__).with_name("synonyms.txt").read_text("utf-8").splitlines()))
