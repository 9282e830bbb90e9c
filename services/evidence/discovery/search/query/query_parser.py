"""Parsing a search query as a person types it: words, "phrases", title:words, -excluded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.evidence.discovery.search.query import language
from services.evidence.library.items.identifiers.rules import PATTERNS, normalised

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
"""The field names that a query may use, and the field that each stands for. Anything else before a colon is a word."""

_DISPLAY_NAMES = {"names": "author", "source": "in"}
TEXT_FIELDS = frozenset({"title", "names", "source"})
MAX_CLAUSES = 60
"""Nobody types more; the rest of the query is ignored."""

_clause = re.compile(r'(?P<excluded>-?)(?:(?P<field>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_years = re.compile(r"(\d{4})(?:[-\u2013](\d{4}))?")


@dataclass(frozen=True, slots=True)
class QueryClause:
    """One phrase, field or excluded word of a query."""

    text: str
    field: str | None = None
    is_phrase: bool = False
    is_excluded: bool = False

    def __str__(self) -> str:
        is_quoted = self.is_phrase and (self.field is None or " " in self.text)
        field = f"{_DISPLAY_NAMES.get(self.field, self.field)}:" if self.field else ""
        return f"{'-' if self.is_excluded else ''}{field}" + (f'"{self.text}"' if is_quoted else self.text)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """Words of which enough must match, and clauses that must match or must not."""

    words: tuple[str, ...] = ()
    required: tuple[QueryClause, ...] = ()
    excluded: tuple[QueryClause, ...] = ()

    @property
    def is_searchable(self) -> bool:
        """Whether it has anything to search for: more than stop words and excluded clauses."""
        return bool(self.required) or any(language.stem(word) for word in self.words)

    def with_words(self, replacements: Mapping[str, str]) -> "ParsedQuery":
        """Return the query with some of its words replaced."""
        return replace(self, words=tuple(replacements.get(word, word) for word in self.words))

    def __str__(self) -> str:
        return " ".join([*self.words, *map(str, self.required), *map(str, self.excluded)])


def parse(text: str) -> ParsedQuery:
    """Parse a query. Never raises: what cannot be a field or a phrase is read as words."""
    words: list[str] = []
    required: list[QueryClause] = []
    excluded: list[QueryClause] = []
    straight_quoted = text.replace("\u201c", '"').replace("\u201d", '"')
    for number, match in enumerate(_clause.finditer(straight_quoted)):
        if number == MAX_CLAUSES:
            break
        clause = _parse_clause(match)
        if isinstance(clause, str):
            words += language.split_words(clause)
        elif _is_searchable(clause):
            (excluded if clause.is_excluded else required).append(clause)
    return ParsedQuery(tuple(words), tuple(required), tuple(excluded))


def _parse_clause(match: re.Match[str]) -> QueryClause | str:
    """Return the clause, or its text where it is nothing but words."""
    field_name, phrase, word = match["field"], match["phrase"], match["word"]
    is_excluded = bool(match["excluded"])
    if phrase is None and (doi := _parse_doi(match[0].removeprefix("-"))):
        return QueryClause(doi, "doi", is_excluded=is_excluded)
    text = phrase if phrase is not None else word
    field = FIELDS.get(field_name.lower()) if field_name else None
    if field_name and field is None:
        return match[0].replace('"', " ")
    if field in PATTERNS:
        identifier = normalised(field, text)
        return match[0] if identifier is None else QueryClause(identifier, field, is_excluded=is_excluded)
    if field == "year" and not _years.fullmatch(text):
        return match[0]
    if field is None and phrase is None and not is_excluded:
        return text
    return QueryClause(text, field, phrase is not None or field in TEXT_FIELDS, is_excluded)


def _is_searchable(clause: QueryClause) -> bool:
    """Return whether the clause has a word that is indexed: stop words are in no text field."""
    words = language.split_words(clause.text)
    if clause.field in (None, "title", "source") and clause.is_phrase:
        return any(map(language.stem, words))
    return bool(words)


def _parse_doi(text: str) -> str | None:
    """Return the DOI of a text that is a DOI, or its URL, and nothing else."""
    is_doi = re.match(r"(?:https?://(?:dx\.)?doi\.org/|doi:)?10\.\d{4,9}/", text, re.IGNORECASE)
    return normalised("doi", text) if is_doi else None


def parse_years(text: str) -> tuple[int, int]:
    """Return the first and last year of `2019` or `2019-2021`. Raises ValueError."""
    match = _years.fullmatch(text)
    if match is None:
        raise ValueError(text)
    first, last = sorted((int(match[1]), int(match[2] or match[1])))
    return first, last
