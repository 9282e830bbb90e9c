"""The fields of a description: what each is called, how it is written in a form, and what of it the API takes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

from gateway.web import vocabulary
from gateway.web.api_client import Document
from gateway.web.layout.languages import text
from gateway.web.tell.choices import ORGANISATIONS, SPEAKERS

Kind = Literal["line", "text", "lines", "identifiers", "number", "select", "radios", "topics", "period"]
LONGEST_LINE: Final = 300
LONGEST_PHRASE: Final = 2_000
LONGEST_TEXT: Final = 40_000
LANGUAGES: Final = {"en": text("English"), "cy": text("Welsh")}
SCHEMES: Final = {
    "doi": "DOI",
    "pmid": "PMID",
    "pmcid": "PMCID",
    "wos": "Web of Science",
    "isbn": "ISBN",
    "issn": "ISSN",
}
_doi = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,}/\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name in the API, and what a form says of it. `missing`: what is said where it must not be empty."""

    name: str
    label: str
    kind: Kind = "line"
    hint: str | None = None
    longest: int | None = LONGEST_LINE
    rows: int = 4
    choices: Mapping[str, str] | None = None
    missing: str | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of its inputs in a form."""
        return ("from", "to") if self.kind == "period" else (self.name,)

    def show(self, value: Any) -> dict[str, Any]:  # noqa: ANN401  a value of any field of an item
        """Return what its inputs hold for a value of the API."""
        match self.kind:
            case "period":
                years: Document = value or {}
                return {name: years.get(name) or "" for name in self.inputs}
            case "lines":
                return {self.name: "\n".join(value or ())}
            case "identifiers":
                return {self.name: "\n".join(f"{SCHEMES[i['scheme']]} {i['value']}" for i in value or ())}
            case "topics":
                return {self.name: list(value or ())}
            case _:
                return {self.name: "" if value is None else str(value)}

    def read(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  a value of any field of an item
        """Return the value for the API of what its inputs hold; None where they are empty."""
        if self.kind == "period":
            return {name: year for name in self.inputs if (year := _text(values.get(name)))} or None
        value: Any = values.get(self.name)
        if self.kind == "topics":
            return [value] if isinstance(value, str) and value else list(value or ())
        written = _text(value)
        match self.kind:
            case "lines":
                return _lines(written)
            case "identifiers":
                return [identifier_of(line) for line in _lines(written)]
            case "number":
                return (
                    int(written) if written.isascii() and written.isdecimal() and len(written) < 12 else written or None
                )
            case _:
                return written or None


def identifier_of(line: str) -> Document:
    """Return the identifier that a line states: `DOI 10.1000/x`, `pmid: 123`, or a DOI or its address alone."""
    if match := _doi.fullmatch(line):
        return {"scheme": "doi", "value": match[1]}
    for scheme, label in SCHEMES.items():
        for start in (label, scheme):
            if line.lower().startswith(start.lower()):
                return {"scheme": scheme, "value": line[len(start) :].lstrip(" :")}
    return {"scheme": "", "value": line}


def _text(value: object) -> str:
    values = cast("list[object]", value) if isinstance(value, list) else [value]
    return str((values[0] if values else None) or "").replace("\r\n", "\n").strip()


def _lines(written: str) -> list[str]:
    return [line for part in written.split("\n") if (line := part.strip())]


TITLE: Final = Field("title", text("Title"), longest=1_000, missing=text("Write a title"))
_SUMMARY = Field("summary", text("Summary"), "text", longest=LONGEST_TEXT, rows=6)
_SERVICE = Field("service", text("Support it is about"), hint=text("For example: replacement care, direct payments"))
_POPULATION = Field("population", text("Who it is about"), "text", longest=LONGEST_PHRASE, rows=2)
_PERIOD = Field("period", text("Time it is about"), "period")
_SETTING = Field(
    "setting", text("Setting"), hint=text("For example: home care, a care home, a council team"), longest=120
)
_LIBRARY = (
    Field("topics", text("Topics"), "topics"),
    Field("country", text("Country"), "select", choices=vocabulary.COUNTRIES),
    _SETTING,
    Field("language", text("Language"), "select", choices=LANGUAGES),
)
_RESEARCH = (
    TITLE,
    Field("authors", text("Authors"), "lines", text("One on each line, family name first: Okoro, Ada B."), None, 4),
    Field("kind", text("Kind of work"), "select", choices=vocabulary.KINDS),
    Field("design", text("Kind of study"), "select", choices=vocabulary.DESIGNS),
    Field(
        "published_on",
        text("When it was published"),
        hint=text("A year, a month or a day: 2021, 2021-05 or 2021-05-14"),
    ),
    Field("published_in", text("Journal, book or series")),
    Field("volume", text("Volume")),
    Field("issue", text("Issue")),
    Field("pages", text("Pages")),
    Field("publisher", text("Publisher")),
    Field("editors", text("Editors"), "lines", text("One on each line. Only for a book or report."), None, 2),
    Field(
        "identifiers", text("Identifiers"), "identifiers",
        text("One on each line: DOI 10.1000/example, PMID 123, ISBN 978..., ISSN 1234-5679"), None, 2,
    ),
    Field("url", text("Web address"), longest=2_000),
    Field("summary", text("Abstract"), "text", longest=LONGEST_TEXT, rows=8),
    Field("keywords", text("Keywords"), "lines", text("One on each line"), None, 3),
    _POPULATION,
    Field("sample", text("Who took part"), "text", longest=LONGEST_PHRASE, rows=2),
    Field("participants", text("How many took part"), "number"),
    Field("intervention", text("What was done or studied"), "text", longest=LONGEST_PHRASE, rows=2),
    _SERVICE,
    _PERIOD,
    Field(
        "involvement", text("How people with lived experience shaped it"), "text",
        text("Other than by taking part in it."), LONGEST_PHRASE, 2,
    ),
)  # fmt: skip
_LIVED = (
    TITLE,
    Field(
        "account", text("What happened"), "text", text("In the words of the person."), LONGEST_TEXT, 12,
        missing=text("Write what happened"),
    ),
    Field(
        "speaks_as", text("Who it is told by"), "radios", choices=SPEAKERS,
        missing=text("Choose who it is told by"),
    ),
    Field("role", text("Who they are in this account"), hint=text("For example: daughter who lives with her mother")),
    _SUMMARY,
    _SERVICE,
    Field("population", text("Who else it may apply to, in the person's view"), "text", None, LONGEST_PHRASE, 2),
    _PERIOD,
)  # fmt: skip
_PRACTICE = (
    TITLE,
    Field("role", text("The job of the person who did it"), missing=text("Say in a few words what their job is")),
    Field("organisation_kind", text("Where they work"), "select", choices=ORGANISATIONS),
    Field(
        "what_was_done", text("What was done"), "text", None, LONGEST_TEXT, 8, missing=text("Write what was done")
    ),
    Field("what_happened", text("What happened as a result"), "text", None, LONGEST_TEXT, 6),
    Field("what_it_needs", text("What another place would need"), "text", None, LONGEST_TEXT, 4),
    _SUMMARY,
    _SERVICE,
    _POPULATION,
    _PERIOD,
)  # fmt: skip

WORDS: Final = {"research": _RESEARCH, "lived_experience": _LIVED, "practice_knowledge": _PRACTICE}
"""By way of knowing: what the work or the person says."""
LIBRARY: Final = {
    way: tuple(
        replace(field, missing=text("Say where it was done, such as home care"))
        if field is _SETTING and way == "practice_knowledge"
        else field
        for field in _LIBRARY
    )
    for way in WORDS
}
"""By way of knowing: what the library says of it, which editors change at once."""
