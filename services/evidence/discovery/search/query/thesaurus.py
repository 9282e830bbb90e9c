"""The thesaurus of the sector: terms that mean the same, from `synonyms.txt` beside this file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from services.evidence.discovery.search.query import language

MAX_TERM_WORDS = 5
"""The longest term that is looked for in a query."""

_welsh_mark = re.compile(r"\s*\(cy\)$")


@dataclass(frozen=True, slots=True)
class Synonym:
    """One term of a group of synonyms, of one or more words."""

    text: str
    is_welsh: bool

    @property
    def key(self) -> tuple[str, ...]:
        """The normalised words by which a query matches it."""
        words = language.split_words(self.text)
        if self.is_welsh:
            return tuple(language.fold(word) for word in words)
        return tuple(language.stem(word) or language.fold(word) for word in words)


@dataclass(frozen=True, slots=True)
class Concept:
    """Consecutive words of a query that form one term, and the synonyms of that term."""

    words: tuple[str, ...]
    synonyms: tuple[Synonym, ...]


class Thesaurus:
    """Groups of synonyms, looked up by the words of a query."""

    def __init__(self, groups: Iterable[Sequence[Synonym]]) -> None:
        self.groups = [tuple(group) for group in groups]
        self._english: dict[tuple[str, ...], list[Synonym]] = {}
        self._welsh: dict[tuple[str, ...], list[Synonym]] = {}
        for group in self.groups:
            for synonym in group:
                others = [other for other in group if other != synonym]
                (self._welsh if synonym.is_welsh else self._english).setdefault(synonym.key, []).extend(others)
        self._words = frozenset(word for key in (*self._english, *self._welsh) for word in key)

    def has_word(self, word: str) -> bool:
        """Return whether the word is in any term, alone or with others: `gofal`, of `gofal seibiant`."""
        return language.stem(word) in self._words or not self._words.isdisjoint(language.radicals(word))

    def concepts(self, words: Sequence[str]) -> list[Concept]:
        """Split the words of a query into concepts, preferring the longest terms of the thesaurus."""
        return list(self._split(list(words)))

    def _split(self, words: list[str]) -> Iterator[Concept]:
        start = 0
        while start < len(words):
            for length in range(min(MAX_TERM_WORDS, len(words) - start), 0, -1):
                term = words[start : start + length]
                if synonyms := self._synonyms_of(term):
                    yield Concept(tuple(term), tuple(dict.fromkeys(synonyms)))
                    start += length
                    break
            else:
                yield Concept((words[start],), ())
                start += 1

    def _synonyms_of(self, words: Sequence[str]) -> list[Synonym]:
        english_key = tuple(language.stem(word) or language.fold(word) for word in words)
        synonyms = list(self._english.get(english_key, ()))
        # Each word of a Welsh term may come in a mutated form, most of all the first.
        for first in language.radicals(words[0]):
            welsh_key = (first, *(language.fold(word) for word in words[1:]))
            synonyms += self._welsh.get(welsh_key, ())
        return synonyms


def parse_groups(lines: Iterable[str]) -> Iterator[list[Synonym]]:
    """Parse the file format: one group a line, terms separated by commas, `(cy)` after a Welsh one, `#` comments."""
    for line in lines:
        if (content := line.split("#")[0].strip()) and (group := [_parse_term(term) for term in content.split(",")]):
            yield group


def _parse_term(term: str) -> Synonym:
    text = term.strip()
    return Synonym(_welsh_mark.sub("", text), bool(_welsh_mark.search(text)))


@lru_cache
def sector_thesaurus() -> Thesaurus:
    """Return the thesaurus that comes with the service."""
    return Thesaurus(parse_groups(Path(__file__).with_name("synonyms.txt").read_text("utf-8").splitlines()))
