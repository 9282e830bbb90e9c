"""Where machines find what stands around an item: FAIR Signposting (signposting.org/FAIR), level 1 in the header of the
item and level 2 in its link set (RFC 9264).

A work with a DOI is cited by it; everything else by its address here. No author is linked: items hold no ORCID.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

SCHEMA_ORG: Final = "https://schema.org/"
TYPES: Final[dict[str, str]] = {
    "journal_article": "ScholarlyArticle",
    "book": "Book",
    "chapter": "Chapter",
    "report": "Report",
    "thesis": "Thesis",
    "conference_paper": "ScholarlyArticle",
    "web_page": "WebPage",
    "dataset": "Dataset",
}
DESCRIBED: Final = (
    ("jsonld", "application/ld+json"),
    ("csl-json", "application/vnd.citationstyles.csl+json"),
    ("ris", "application/x-research-info-systems"),
    ("bibtex", "application/x-bibtex"),
)
"""Exports of one item, and what they are."""
LINK_SET: Final = "application/linkset+json"


_SAFE: Final = re.compile(r"[!#-;=?-\[\]_a-z~]*")


class DescribedItem(Protocol):
    """What is needed of a published item."""

    @property
    def id(self) -> UUID: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


class Signpost(NamedTuple):
    relation: str
    href: str
    type: str | None = None


def address(public_url: str, item_id: UUID) -> str:
    return f"{public_url}/v1/evidence/{item_id}"


def page_address(public_url: str, item_id: UUID) -> str:
    """Return where people read an item: the gateway's page of it."""
    return f"{public_url}/evidence/{item_id}"


def signposts(public_url: str, row: DescribedItem) -> list[Signpost]:
    """Return every signpost of a published item."""
    url = row.details.get("url")
    export = f"{public_url}/v1/exports/evidence?id={row.id}&format="
    return [
        Signpost("cite-as", _cited_as(address(public_url, row.id), row.details)),
        Signpost("type", f"{SCHEMA_ORG}AboutPage"),
        Signpost("type", f"{SCHEMA_ORG}{_type(row.details)}"),
        *([Signpost("item", _in_address(url))] if url else []),
        *(Signpost("describedby", f"{export}{name}", kind) for name, kind in DESCRIBED),
    ]


def header(public_url: str, row: DescribedItem) -> str:
    """Return the value of `Link`: what machines begin with, and where the rest is. One text: it goes with each read."""
    details, url = row.details, row.details.get("url")
    here = f"{public_url}/v1/evidence/{row.id}"
    item = f'<{_in_address(url)}>; rel="item", ' if url else ""
    return (
        f'<{_cited_as(here, details)}>; rel="cite-as", <{SCHEMA_ORG}AboutPage>; rel="type", '
        f'<{SCHEMA_ORG}{_type(details)}>; rel="type", {item}'
        f'<{public_url}/v1/exports/evidence?id={row.id}&format={DESCRIBED[0][0]}>; rel="describedby"; '
        f'type="{DESCRIBED[0][1]}", <{here}/linkset>; rel="linkset"; type="{LINK_SET}"'
    )


def _type(details: Mapping[str, Any]) -> str:
    return TYPES.get(details.get("kind") or "", "CreativeWork")


def _cited_as(here: str, details: Mapping[str, Any]) -> str:
    for identifier in details.get("identifiers") or ():
        if identifier["scheme"] == "doi":
            return f"https://doi.org/{_in_address(identifier['value'])}"
    return here


def _in_address(text: str) -> str:
    """Escape what could end the address, or the header, around it."""
    if _SAFE.fullmatch(text):
        return text
    return "".join(c if _SAFE.fullmatch(c) else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode(errors="replace"))
