"""A question as somebody types it: words, "phrases", title:words, -without."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.evidence.discovery.search import language
from services.evidence.library.items.identifiers import PATTERNS, normalised

FIELDS: Mapping[str, str] = {
    "title": "title",
    "teitl": "title",
    "author": "names",
    "authors": "names",
    "awdur": "names",
    "in": "source",
    "journal": "source",
    "year": "year",
    "blwyddyn": "year",
    "country": "country",
    "setting": "setting",
    "language": "language",
    "kind": "kind",
    "design": "design",
    **{scheme: scheme for scheme in PATTERNS},
}
"""How a question may name a field, and what that is here. Whatever else stands before a colon is a word."""

_NAMED = {"names": "author", "source": "in"}
IN_TEXT = frozenset({"title", "names", "source"})
MOST_PARTS = 60
"""Nobody types more; what comes behind is left out."""

_part = re.compile(r'(?P<without>-?)(?:(?P<field>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_years = re.compile(r"(\d{4})(?:[-\u2013](\d{4}))?")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a question."""

    text: str
    field: str | None = None
    phrase: bool = False
    without: bool = False

    def __str__(self) -> str:
        whole = self.phrase and (self.field is None or " " in self.text)
        field = f"{_NAMED.get(self.field, self.field)}:" if self.field else ""
        return f"{'-' if self.without else ''}{field}" + (f'"{self.text}"' if whole else self.text)


@dataclass(frozen=True, slots=True)
class Question:
    """Words of which enough must be there, and parts that must be there or must not."""

    words: tuple[str, ...] = ()
    must: tuple[Part, ...] = ()
    without: tuple[Part, ...] = ()

    @property
    def says_something(self) -> bool:
        return bool(self.must) or any(language.stem(word) for word in self.words)

    def with_words(self, corrected: Mapping[str, str]) -> "Question":
        return replace(self, words=tuple(corrected.get(word, word) for word in self.words))

    def __str__(self) -> str:
        return " ".join([*self.words, *map(str, self.must), *map(str, self.without)])


def read(text: str) -> Question:
    """Never refuses: what cannot be meant as a field or a phrase is read as words."""
    words: list[str] = []
    must: list[Part] = []
    without: list[Part] = []
    straight = text.replace("\u201c", '"').replace("\u201d", '"')
    for number, found in enumerate(_part.finditer(straight)):
        if number == MOST_PARTS:
            break
        part = _read(found)
        if isinstance(part, str):
            words += language.words(part)
        elif _says_something(part):
            (without if part.without else must).append(part)
    return Question(tuple(words), tuple(must), tuple(without))


def _read(found: re.Match[str]) -> Part | str:
    """The words where nothing more is meant."""
    named, phrase, word = found["field"], found["phrase"], found["word"]
    if phrase is None and (doi := _doi(found[0].removeprefix("-"))):
        return Part(doi, "doi", without=bool(found["without"]))
    text = phrase if phrase is not None else word
    field = FIELDS.get(named.lower()) if named else None
    if named and field is None:
        return found[0].replace('"', " ")
    if field in PATTERNS:
        value = normalised(field, text)
        return found[0] if value is None else Part(value, field, without=bool(found["without"]))
    if field == "year" and not _years.fullmatch(text):
        return found[0]
    if field is None and phrase is None and not found["without"]:
        return text
    return Part(text, field, phrase is not None or field in IN_TEXT, bool(found["without"]))


def _says_something(part: Part) -> bool:
    """Words that only hold a sentence together stand in the index of no text."""
    words = language.words(part.text)
    if part.field in (None, "title", "source") and part.phrase:
        return any(map(language.stem, words))
    return bool(words)


def _doi(text: str) -> str | None:
    """Of a text that is a DOI or its address and nothing else."""
    is_one = re.match(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?10\.\d{4,9}/", text, re.IGNORECASE)
    return normalised("doi", text) if is_one else None


def years(text: str) -> tuple[int, int]:
    """`2019` or `2019-2021`, first and last."""
    found = _years.fullmatch(text)
    if found is None:
        raise ValueError(text)
    first, last = sorted((int(found[1]), int(found[2] or found[1])))
    return first, last
