"""An item as it leaves the library: what the public may see of it, in the words that formats share."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.evidence.library.items.attribution import credited_names, public_details

LIBRARY = "IMPACT"
"""Who brought out an account or practice knowledge: this library."""
UNNAMED = "Anonymous"
MARK = "impact:1:"
"""Stands before what a format cannot express, wherever that shares a field with other notes."""
KINDS_OF_KNOWING = {"lived_experience": "Lived experience", "practice_knowledge": "Practice knowledge"}
NATURES = {
    "retraction": "Retracted",
    "correction": "Corrected",
    "expression_of_concern": "Expression of concern",
    "reinstatement": "Reinstated",
}
_SPOKEN = ("account", "what_was_done", "what_happened", "what_it_needs")
_MARKUP = re.compile(r"[<>&]")
_NOT_PRINTED = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160), 0xFFFE, 0xFFFF))


@dataclass(frozen=True, slots=True)
class Exported:
    """A published item. `own` holds what its way of knowing says, as far as the public may see it."""

    id: str
    way_of_knowing: str
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    own: Mapping[str, Any]
    topics: list[str]
    """Their names."""
    listed_on: str
    """The day on which the library published it."""
    url: str
    retraction: Mapping[str, Any] | None = None
    credited: Sequence[str] = ()
    """Whom to credit, as they chose."""

    @property
    def is_research(self) -> bool:
        return self.way_of_knowing == "research"

    @property
    def kind(self) -> str:
        """What it is: a kind of work of research, or its way of knowing."""
        return self.own.get("kind", "other") if self.is_research else self.way_of_knowing

    @property
    def creators(self) -> list[str]:
        """Authors; whom an account is attributed to; the role that practice knowledge comes from."""
        if self.is_research:
            return list(self.own.get("authors", ()))
        if self.credited:
            return list(self.credited)
        if self.way_of_knowing == "lived_experience":
            return [UNNAMED]
        role = str(self.own.get("role") or UNNAMED)
        return [role[:1].upper() + role[1:] + (f" ({self.setting})" if self.setting else "")]

    def family_and_given(self, name: str) -> tuple[str, str] | None:
        """Of `Okoro, Ada B.`; None for a name in one piece: an organisation's, a role, or as a person chose it."""
        family, comma, given = (part.strip() for part in line(name).partition(","))
        return (family, given) if self.is_research and comma and family and given else None

    @property
    def published_on(self) -> str | None:
        """Of a work, when it came out: a year, a month or a day. Of the others, when the library published them."""
        return self.own.get("published_on") if self.is_research else self.listed_on

    @property
    def publisher(self) -> str | None:
        return self.own.get("publisher") if self.is_research else LIBRARY

    @property
    def link(self) -> str:
        """Where to read it: the work's own address, else its page in the library."""
        return (self.own.get("url") if self.is_research else None) or self.url

    @property
    def abstract(self) -> str:
        """The summary; of an account or practice without one, what was said."""
        return self.summary or "\n\n".join(str(self.own[name]) for name in _SPOKEN if self.own.get(name))

    def identifiers(self, scheme: str) -> list[str]:
        return [one["value"] for one in self.own.get("identifiers", ()) if one["scheme"] == scheme]

    def identifier(self, scheme: str) -> str | None:
        return next(iter(self.identifiers(scheme)), None)

    @property
    def pages(self) -> tuple[str, str] | None:
        """The first page and the last, where it says both."""
        found = re.fullmatch(r"\s*([^-\u2013\s]+)\s*[-\u2013]+\s*([^-\u2013\s]+)\s*", self.own.get("pages") or "")
        return (found[1], found[2]) if found else None

    @property
    def retraction_note(self) -> str | None:
        """What became of the work since it came out, in words."""
        if not self.retraction:
            return None
        said = self.retraction
        note = NATURES[said["nature"]] + (f" on {said['on']}" if said.get("on") else "")
        reasons = "; ".join(said.get("reasons") or ())
        notice = notice_of(said)
        return ". ".join(filter(None, [note, reasons, f"Notice: {notice}" if notice else None])) + "."


def notice_of(retraction: Mapping[str, Any]) -> str | None:
    """Where the notice stands, as an address."""
    match retraction.get("notice"):
        case {"scheme": "doi", "value": str(value)}:
            return f"https://doi.org/{value}"
        case {"scheme": "pmid", "value": str(value)}:
            return f"https://pubmed.ncbi.nlm.nih.gov/{value}/"
        case {"value": str(value)} | str(value):
            return value
        case _:
            return None


def exported(row: Any, public_url: str) -> Exported:
    """From a row that `queries` found."""
    return Exported(
        id=str(row.id),
        way_of_knowing=row.way_of_knowing,
        title=row.title,
        summary=row.summary,
        country=row.country,
        setting=row.setting,
        language=row.language,
        own=public_details(row.way_of_knowing, row.details),
        topics=list(row.topic_names),
        listed_on=row.published_at.date().isoformat(),
        url=f"{public_url}/v1/evidence/{row.id}",
        retraction=row.retraction,
        credited=credited_names(row.way_of_knowing, row.details),
    )


def carried(item: Exported, title: str | None, summary: str | None) -> dict[str, Any]:
    """What a format cannot express, so that an import of the export is the same record.

    `title` and `summary`: as any reader will find them in the format's own fields, or None where readers differ. Where
    that is not what they are, the exact words are carried too.
    """
    more: dict[str, Any] = {
        "id": item.id,
        "way_of_knowing": item.way_of_knowing,
        "own": item.own,
        "country": item.country,
        "setting": item.setting,
        "language": item.language,
        "topics": item.topics,
    }
    if title != item.title:
        more["title"] = item.title
    if summary != item.summary:
        more["summary"] = item.summary
    return more


def marked(more: Mapping[str, Any]) -> str:
    """`carried` as one line of ASCII behind its mark, for formats whose fields hold any text."""
    text = json.dumps(more, separators=(",", ":"))
    # Readers make one space of several.
    return MARK + text.replace("  ", " \\u0020")


def as_read(shown: str) -> str | None:
    """What any reader finds again; None where readers differ, as they do about lines and what may be markup."""
    return shown if shown == line(shown) and not _MARKUP.search(shown) else None


def line(text: str | None) -> str:
    """On one line, without what cannot be printed."""
    if not text:
        return ""
    if text.isprintable() and "  " not in text and text[0] != " " != text[-1]:
        return text
    return " ".join(text.translate(_NOT_PRINTED).split())


def date_parts(date: str | None) -> list[int]:
    """`2021-05` is [2021, 5]."""
    return [int(part) for part in date.split("-")] if date else []
