"""A published item as exports show it: what the public may see of it, in terms that all formats share."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from services.evidence.exchange.writers.fields.person_names import NameParts, split_name
from services.evidence.library.items.attribution import credited_names, public_details
from services.evidence.library.terms import TERMS

LIBRARY_NAME = "IMPACT"
"""The publisher of accounts and practice knowledge: this library."""
ANONYMOUS = "Anonymous"
WAY_LABELS = {"lived_experience": "Lived experience", "practice_knowledge": "Practice knowledge"}
RETRACTION_LABELS = {
    "retraction": "Retracted",
    "correction": "Corrected",
    "expression_of_concern": "Expression of concern",
    "superseded": "Superseded",
    "reinstatement": "Reinstated",
}
NARRATIVE_FIELDS = ("account", "what_was_done", "what_happened", "what_it_needs")
"""The fields of accounts and practice knowledge that hold the words of the person who gave it."""
_UNPRINTABLE = dict.fromkeys((*range(9), *range(14, 28), *range(127, 133), *range(134, 160), 0xFFFE, 0xFFFF))
"""But for those that separate lines or paragraphs."""
_PAGE_RANGE = re.compile(r"\s*([^-\u2013\s]+)\s*[-\u2013]+\s*([^-\u2013\s]+)\s*")


class PublishedItem(NamedTuple):
    """The columns that an export reads of an item."""

    id: UUID
    way_of_knowing: str
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: Mapping[str, Any]
    published_at: datetime | None
    """None for a draft."""
    updated_at: datetime
    retraction: Mapping[str, Any] | None
    topic_names: Sequence[str]


@dataclass(frozen=True, slots=True)
class ExportedItem:
    """A published item. `details` holds those fields of its way of knowing that the public may see."""

    id: str
    way_of_knowing: str
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: Mapping[str, Any]
    topics: list[str]
    """Names of topics."""
    listed_on: str
    """The day on which the library published it; of a draft, that of its last change."""
    url: str
    retraction: Mapping[str, Any] | None = None
    credited: Sequence[str] = ()
    """Whom to credit, as they chose."""

    @classmethod
    def of(cls, row: PublishedItem, public_url: str) -> "ExportedItem":
        return cls(
            id=str(row.id),
            way_of_knowing=row.way_of_knowing,
            title=row.title,
            summary=row.summary,
            country=row.country,
            setting=row.setting,
            language=row.language,
            details=public_details(row.way_of_knowing, row.details),
            topics=list(row.topic_names),
            listed_on=(row.published_at or row.updated_at).date().isoformat(),
            url=f"{public_url}/v1/evidence/{row.id}",
            retraction=row.retraction,
            credited=credited_names(row.way_of_knowing, row.details),
        )

    @property
    def page_url(self) -> str:
        """Its page in the library, for people; `url` is its address in the API."""
        return self.url.replace("/v1/evidence/", "/evidence/")

    @property
    def is_research(self) -> bool:
        return self.way_of_knowing == "research"

    @property
    def kind(self) -> str:
        """The kind of work of research, or else the way of knowing."""
        return self.details.get("kind", "other") if self.is_research else self.way_of_knowing

    @property
    def creators(self) -> list[str]:
        """Authors; whom an account is attributed to; the role that practice knowledge comes from."""
        if self.is_research:
            return list(self.details.get("authors", ()))
        if self.credited:
            return list(self.credited)
        if self.way_of_knowing == "lived_experience":
            return [ANONYMOUS]
        role = str(self.details.get("role") or ANONYMOUS)
        return [role[:1].upper() + role[1:] + (f" ({self.setting})" if self.setting else "")]

    @property
    def creator_kind(self) -> Literal["person", "organisation", "role"] | None:
        """What the creators of an account or practice knowledge are. None for research: its names do not say it."""
        if self.is_research:
            return None
        if self.way_of_knowing == "lived_experience":
            return "person"
        if not self.credited:
            return "role"
        return "organisation" if self.details["credit"]["attribution"] == "organisation" else "person"

    def split_name(self, name: str) -> NameParts | None:
        """Split `Okoro, Ada B.`; None for a name in one piece: an organisation, a role, or what a person chose."""
        return split_name(single_line(name)) if self.is_research else None

    @property
    def keyword_line(self) -> str:
        """The keywords on one line. Readers split it at semicolons if there are any, else at commas."""
        keywords = [single_line(keyword) for keyword in self.details.get("keywords", ())]
        return ("; " if any("," in keyword for keyword in keywords) else ", ").join(keywords)

    @property
    def published_on(self) -> str | None:
        """When a work of research came out, as a year, month or day; for other items, when the library published it."""
        return self.details.get("published_on") if self.is_research else self.listed_on

    @property
    def terms(self) -> str:
        """On which terms it may be used."""
        return TERMS[self.way_of_knowing]

    @property
    def publisher(self) -> str | None:
        return self.details.get("publisher") if self.is_research else LIBRARY_NAME

    @property
    def link(self) -> str:
        """Where to read it: the work's own URL, else its page in the library."""
        return (self.details.get("url") if self.is_research else None) or self.url

    @property
    def abstract(self) -> str:
        """The summary; for an account or practice knowledge without one, its own words."""
        return self.summary or "\n\n".join(
            str(self.details[name]) for name in NARRATIVE_FIELDS if self.details.get(name)
        )

    def identifiers(self, scheme: str) -> list[str]:
        return [
            identifier["value"] for identifier in self.details.get("identifiers", ()) if identifier["scheme"] == scheme
        ]

    def identifier(self, scheme: str) -> str | None:
        return next(iter(self.identifiers(scheme)), None)

    @property
    def pages(self) -> tuple[str, str] | None:
        """The first and the last page, where both are stated."""
        match = _PAGE_RANGE.fullmatch(self.details.get("pages") or "")
        return (match[1], match[2]) if match else None

    @property
    def retraction_note(self) -> str | None:
        """What became of the work after it came out, in words."""
        if not self.retraction:
            return None
        retraction = self.retraction
        note = RETRACTION_LABELS[retraction["nature"]] + (f" on {retraction['on']}" if retraction.get("on") else "")
        reasons = "; ".join(retraction.get("reasons") or ())
        notice = notice_url(retraction)
        return ". ".join(filter(None, [note, reasons, f"Notice: {notice}" if notice else None])) + "."


def notice_url(retraction: Mapping[str, Any]) -> str | None:
    """Return the URL of a retraction's notice."""
    match retraction.get("notice"):
        case {"scheme": "doi", "value": str(value)}:
            return f"https://doi.org/{value}"
        case {"scheme": "pmid", "value": str(value)}:
            return f"https://pubmed.ncbi.nlm.nih.gov/{value}/"
        case {"value": str(value)} | str(value):
            return value
        case _:
            return None


def single_line(text: str | None) -> str:
    """Return the text on one line, without what cannot be printed."""
    if not text:
        return ""
    if text.isprintable() and "  " not in text and text[0] != " " != text[-1]:
        return text
    return " ".join(text.translate(_UNPRINTABLE).split())


def date_parts(date: str | None) -> list[int]:
    """Return [2021, 5] for `2021-05`."""
    return [int(number) for number in date.split("-")] if date else []
