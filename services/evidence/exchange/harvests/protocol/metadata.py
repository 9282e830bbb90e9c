"""Turns the metadata of a harvested record, in Dublin Core or DataCite 4, into a work, or says why it is quarantined.

A record of a library like this one states its way of knowing in `dc:type`. An account becomes a draft: its person
consented to publication in another library, and nobody here has asked them yet.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from services.evidence.exchange.additions.rules import NewWork
from services.evidence.exchange.harvests.protocol.responses import MAX_RECORD_CHARACTERS, HarvestedRecord
from services.evidence.exchange.imports.research_parser import (
    MAX_REPORTED_ERRORS,
    item_id_in,
    payload_by_way,
    research_payload,
    title_problem,
)
from services.evidence.exchange.oai.metadata.datacite import UNKNOWN_YEAR_NOTE
from services.evidence.exchange.readers.fields import plain_text
from services.evidence.exchange.readers.fields.placeholders import is_placeholder_text
from services.evidence.exchange.readers.records import ParsedFields
from services.evidence.exchange.readers.xml.elements import Element, local_name
from services.evidence.library.items.descriptions import description_adapter

DC: Final = "{http://purl.org/dc/elements/1.1/}"
DUBLIN_CORE: Final = "{http://www.openarchives.org/OAI/2.0/oai_dc/}dc"
KERNEL: Final = re.compile(r"\{http://datacite\.org/schema/kernel-[34][^}]*\}")
KINDS: Final[dict[str, str]] = {
    "article": "journal_article",
    "journalarticle": "journal_article",
    "journal article": "journal_article",
    "preprint": "journal_article",
    "workingpaper": "report",
    "working paper": "report",
    "technical report": "report",
    "report": "report",
    "book": "book",
    "book chapter": "chapter",
    "bookchapter": "chapter",
    "bookpart": "chapter",
    "thesis": "thesis",
    "dissertation": "thesis",
    "doctoralthesis": "thesis",
    "masterthesis": "thesis",
    "conferencepaper": "conference_paper",
    "conferenceobject": "conference_paper",
    "dataset": "dataset",
}
MISSING_VALUES: Final = frozenset({":unal", ":unav", ":unkn", ":unap", ":unac", ":unas", ":none", ":null", ":tba"})
MAX_SETTING_CHARACTERS: Final = 120
MAX_SOURCE_CHARACTERS: Final = 1_000
MAX_IDENTIFIER_CHARACTERS: Final = 2_000
_COUNTRY: Final = re.compile(r"[A-Z]{2}(-[A-Z]{3})?")
_CONTAINER: Final = re.compile(
    r"(?P<published_in>.+?), (?P<volume>\d+)?(?:\((?P<issue>[^()]+)\))?(?:, (?P<pages>[^ ,]+))?"
)

DublinCore = Mapping[str, Sequence[str]]
"""Texts by the names of the elements of Dublin Core."""


def parse_work(record: HarvestedRecord) -> NewWork | str:
    """Return the work, or why the record goes to quarantine."""
    if reason := _unreadable(record):
        return reason
    if record.metadata is None:
        return "It has no metadata."
    fields = _dublin_core(record.metadata)
    if fields is None:
        return "Its metadata is neither oai_dc nor oai_datacite."
    title = plain_text.single_line(next(iter(fields.get("title", ())), ""))
    if reason := title_problem(title):
        return reason
    try:
        description = description_adapter.validate_python(_payload(fields, title))
        return NewWork(description, item_id=item_id_in(fields.get("identifier", ())))
    except ValidationError as error:
        return "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors()[:MAX_REPORTED_ERRORS])


def _unreadable(record: HarvestedRecord) -> str | None:
    """Return why nothing of this record can be read; None if it can."""
    if record.broken:
        return "Its XML is not well-formed."
    if record.identifier is None:
        return "Its header has no identifier, or one of more than 2,000 bytes."
    return "The record is longer than 1 MB." if len(record.raw) >= MAX_RECORD_CHARACTERS else None


def _dublin_core(metadata: Element) -> DublinCore | None:
    if metadata.tag == DUBLIN_CORE:
        children = metadata.iterchildren(f"{DC}*")
        return _grouped((child.tag.removeprefix(DC), _text(child)) for child in children)
    resource = next((element for element in metadata.iter() if local_name(element) == "resource"), None)
    if resource is None or not KERNEL.match(resource.tag):
        return None
    return _grouped(_datacite_fields(resource))


def _grouped(pairs: Iterable[tuple[str, str]]) -> DublinCore:
    fields: dict[str, list[str]] = {}
    for name, text in pairs:
        if text:
            fields.setdefault(name, []).append(text)
    return fields


def _text(element: Element) -> str:
    return "".join(map(str, element.itertext())).strip()


def _datacite_fields(resource: Element) -> Iterator[tuple[str, str]]:
    """Yield the texts of DataCite's elements, each with the name of Dublin Core's element."""
    simple_names = {
        "title": "title",
        "creatorName": "creator",
        "contributorName": "contributor",
        "subject": "subject",
        "publisher": "publisher",
        "language": "language",
        "rights": "rights",
        "geoLocationPlace": "coverage",
    }
    for element in resource.iter():
        name, text = local_name(element), _text(element)
        if name in simple_names:
            yield simple_names[name], text
        elif name == "resourceType":
            yield "type", text
            yield "type", element.get("resourceTypeGeneral", "")
        elif name in ("identifier", "alternateIdentifier", "relatedIdentifier"):
            kind = element.get(f"{name}Type", "").lower()
            if name != "relatedIdentifier" or (kind, element.get("relationType")) == ("issn", "IsPublishedIn"):
                yield "identifier", text if kind == "url" else f"{kind}:{text}"
        elif name == "description":
            kind = element.get("descriptionType")
            yield "source" if kind == "SeriesInformation" else "description", text
        elif name == "date" and element.get("dateType") == "Issued":
            yield "date", text
    if not any(element.get("dateInformation") == UNKNOWN_YEAR_NOTE for element in resource.iter()):
        years = (_text(element) for element in resource.iter() if local_name(element) == "publicationYear")
        yield "date", next(years, "")


def _payload(fields: DublinCore, title: str) -> dict[str, Any]:
    types = [" ".join(text.lower().split()) for text in fields.get("type", ())]
    countries = [text for text in fields.get("coverage", ()) if _COUNTRY.fullmatch(text)]
    settings = [
        plain_text.short_line(text)[:MAX_SETTING_CHARACTERS]
        for text in fields.get("coverage", ())
        if not _COUNTRY.fullmatch(text)
    ]
    payload = research_payload(_research_fields(fields, types), title)
    payload |= {"country": countries[0] if countries else None, "setting": settings[0] if settings else None}
    return payload_by_way(payload, types)


def _research_fields(fields: DublinCore, types: Sequence[str]) -> ParsedFields:
    authors = [name for name in fields.get("creator", ()) if name.lower() not in MISSING_VALUES]
    contributors = list(fields.get("contributor", ()))
    identifiers = fields.get("identifier", ())
    source = next(iter(fields.get("source", ())), "")[:MAX_SOURCE_CHARACTERS]
    match = _CONTAINER.fullmatch(" ".join(source.split()))
    container = match.groupdict() if match else {"published_in": source or None}
    return {
        "summary": "\n\n".join(text for text in fields.get("description", ()) if not is_placeholder_text(text)),
        "kind": next((KINDS[name] for name in map(_kind, types) if name in KINDS), "other"),
        "authors": authors or contributors,
        "editors": contributors if authors else [],
        # Providers also state when they catalogued it: those dates have a time of day, and are sorted last.
        "dates": sorted(fields.get("date", ()), key=lambda date: "T" in date),
        "keywords": list(fields.get("subject", ())),
        "language": next(iter(fields.get("language", ())), None),
        "identifiers": list(_identifiers(identifiers)),
        "links": [text for text in identifiers if text.startswith(("http://", "https://"))],
        "publisher": next((name for name in fields.get("publisher", ()) if name.lower() not in MISSING_VALUES), None),
        "published_in": container["published_in"],
        "volume": container.get("volume"),
        "issue": container.get("issue"),
        "pages": container.get("pages"),
    }


def _kind(name: str) -> str:
    return name.removeprefix("info:eu-repo/semantics/").removeprefix("doc-type:")


def _identifiers(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the texts that show which kind of identifier they are, with its scheme. A bare number does not."""
    for text in texts:
        if len(text) > MAX_IDENTIFIER_CHARACTERS:
            continue
        lower = text.lower()
        scheme, colon, value = lower.removeprefix("urn:").partition(":")
        if re.match(r"(https?://(dx\.)?doi\.org/|10\.\d{4,9}/)", lower):
            yield "doi", text
        elif match := re.fullmatch(
            r"https?://(?:www\.ncbi\.nlm\.nih\.gov/pubmed|pubmed\.ncbi\.nlm\.nih\.gov)/(\d+)/?", lower
        ):
            yield "pmid", match[1]
        elif match := re.fullmatch(r"https?://\S*ncbi\.nlm\.nih\.gov/\S*?(pmc\d+)/?", lower):
            yield "pmcid", match[1]
        elif colon and scheme in ("doi", "pmid", "pmcid", "wos", "isbn", "issn"):
            yield scheme, value.strip()
        elif re.fullmatch(r"(97[89][- ]?)?[\d -]{9,14}[\dx]", lower):
            yield "isbn", text
