"""What a harvested record says, in Dublin Core or DataCite 4, as a description of this library; or why it cannot be
taken.

A record of a library like this one says its way of knowing in `dc:type`. An account comes in as a draft: the consent
that its person gave was given to another library, and nobody here has asked them yet.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from services.evidence.exchange.additions.rules import NewWork
from services.evidence.exchange.harvests.protocol import LONGEST_RECORD, Found
from services.evidence.exchange.imports.research_parser import item_id_in, research_payload
from services.evidence.exchange.oai.metadata import YEAR_NOT_KNOWN
from services.evidence.exchange.readers.fields import plain_text
from services.evidence.library.items.descriptions import description_adapter as description

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
WAYS: Final = {"lived experience": "lived_experience", "practice knowledge": "practice_knowledge"}
NOBODY: Final = frozenset({":unal", ":unav", ":unkn", ":unap", ":unac", ":unas", ":none", ":null", ":tba"})
LONGEST_SOURCE: Final = 1_000
LONGEST_KNOWN: Final = 2_000
_COUNTRY: Final = re.compile(r"[A-Z]{2}(-[A-Z]{3})?")
_HELD_IN: Final = re.compile(
    r"(?P<published_in>.+?), (?P<volume>\d+)?(?:\((?P<issue>[^()]+)\))?(?:, (?P<pages>[^ ,]+))?"
)

Said = Mapping[str, Sequence[str]]
"""Texts by the names of Dublin Core's elements."""


def understand(found: Found) -> NewWork | str:
    """What the library can take, or the reason in plain words why it cannot."""
    if found.broken:
        return "Its XML is not well-formed."
    if found.identifier is None:
        return "Its header has no identifier, or one of more than 2,000 bytes."
    if len(found.raw) >= LONGEST_RECORD:
        return "The record is longer than 1 MB."
    if found.metadata is None:
        return "It has no metadata."
    said = _said(found.metadata)
    if said is None:
        return "Its metadata is neither oai_dc nor oai_datacite."
    title = plain_text.single_line(next(iter(said.get("title", ())), ""))
    if not title:
        return "It has no title."
    try:
        told = _as_described(said, title)
        return NewWork(description.validate_python(told), item_id=item_id_in(said.get("identifier", ())))
    except ValidationError as wrong:
        return "; ".join(f"{error['loc'][-1]}: {error['msg']}" for error in wrong.errors()[:3])


def _said(metadata: Any) -> Said | None:
    if metadata.tag == DUBLIN_CORE:
        return _gathered((one.tag.removeprefix(DC), _text(one)) for one in metadata.iterchildren(f"{DC}*"))
    resource = next((one for one in metadata.iter() if isinstance(one.tag, str) and _local(one) == "resource"), None)
    if resource is None or not KERNEL.match(resource.tag):
        return None
    return _gathered(_of_datacite(resource))


def _gathered(pairs: Iterable[tuple[str, str]]) -> Said:
    said: dict[str, list[str]] = {}
    for name, text in pairs:
        if text:
            said.setdefault(name, []).append(text)
    return said


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip()


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2]


def _of_datacite(resource: Any) -> Iterator[tuple[str, str]]:
    """The same in the words of Dublin Core."""
    plain_names = {
        "title": "title",
        "creatorName": "creator",
        "contributorName": "contributor",
        "subject": "subject",
        "publisher": "publisher",
        "language": "language",
        "rights": "rights",
        "geoLocationPlace": "coverage",
    }
    for one in resource.iter():
        if not isinstance(one.tag, str):
            continue
        name, text = _local(one), _text(one)
        if name in plain_names:
            yield plain_names[name], text
        elif name == "resourceType":
            yield "type", text
            yield "type", one.get("resourceTypeGeneral", "")
        elif name in ("identifier", "alternateIdentifier", "relatedIdentifier"):
            kind = one.get(f"{name}Type", "").lower()
            if name != "relatedIdentifier" or (kind, one.get("relationType")) == ("issn", "IsPublishedIn"):
                yield "identifier", text if kind == "url" else f"{kind}:{text}"
        elif name == "description":
            kind = one.get("descriptionType")
            yield "source" if kind == "SeriesInformation" else "description", text
        elif name == "date" and one.get("dateType") == "Issued":
            yield "date", text
    if not any(one.get("dateInformation") == YEAR_NOT_KNOWN for one in resource.iter()):
        yield "date", next((_text(one) for one in resource.iter() if _is(one, "publicationYear")), "")


def _is(element: Any, name: str) -> bool:
    return isinstance(element.tag, str) and _local(element) == name


def _as_described(said: Said, title: str) -> dict[str, Any]:
    types = [" ".join(text.lower().split()) for text in said.get("type", ())]
    places = [text for text in said.get("coverage", ()) if _COUNTRY.fullmatch(text)]
    settings = [plain_text.short_line(text)[:120] for text in said.get("coverage", ()) if not _COUNTRY.fullmatch(text)]
    told = research_payload(_says(said, types), title)
    told |= {"country": places[0] if places else None, "setting": settings[0] if settings else None}
    way = next((WAYS[name] for name in types if name in WAYS), None)
    if way is None:
        return told
    common = {name: told[name] for name in ("title", "summary", "language", "country", "setting")}
    words = told["summary"] or title
    if way == "lived_experience":
        consent = {"to_publish": False, "attribution": "anonymous"}
        return {**common, "way_of_knowing": way, "account": words, "speaks_as": "someone_else", "consent": consent}
    setting = common["setting"] or "not said"
    return {**common, "way_of_knowing": way, "role": "not said", "setting": setting, "what_was_done": words}


def _says(said: Said, types: Sequence[str]) -> dict[str, Any]:
    creators = [name for name in said.get("creator", ()) if name.lower() not in NOBODY]
    others = list(said.get("contributor", ()))
    known = said.get("identifier", ())
    held = next(iter(said.get("source", ())), "")[:LONGEST_SOURCE]
    within = _HELD_IN.fullmatch(" ".join(held.split()))
    return {
        "summary": "\n\n".join(said.get("description", ())),
        "kind": next((KINDS[name] for name in map(_kind, types) if name in KINDS), "other"),
        "authors": creators or others,
        "editors": others if creators else [],
        # Providers name the moments of their own cataloguing too: those have a time of day.
        "dates": sorted(said.get("date", ()), key=lambda date: "T" in date),
        "keywords": list(said.get("subject", ())),
        "language": next(iter(said.get("language", ())), None),
        "identifiers": list(_identifiers(known)),
        "links": [text for text in known if text.startswith(("http://", "https://"))],
        "publisher": next((name for name in said.get("publisher", ()) if name.lower() not in NOBODY), None),
        **(within.groupdict() if within else {"published_in": held or None}),
    }


def _kind(name: str) -> str:
    return name.removeprefix("info:eu-repo/semantics/").removeprefix("doc-type:")


def _identifiers(known: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Those that say what they are: a number in a citation is not one."""
    for text in known:
        if len(text) > LONGEST_KNOWN:
            continue
        lower = text.lower()
        scheme, colon, value = lower.removeprefix("urn:").partition(":")
        if re.match(r"(https?://(dx\.)?doi\.org/|10\.\d{4,9}/)", lower):
            yield "doi", text
        elif found := re.fullmatch(
            r"https?://(?:www\.ncbi\.nlm\.nih\.gov/pubmed|pubmed\.ncbi\.nlm\.nih\.gov)/(\d+)/?", lower
        ):
            yield "pmid", found[1]
        elif found := re.fullmatch(r"https?://\S*ncbi\.nlm\.nih\.gov/\S*?(pmc\d+)/?", lower):
            yield "pmcid", found[1]
        elif colon and scheme in ("doi", "pmid", "pmcid", "wos", "isbn", "issn"):
            yield scheme, value.strip()
        elif re.fullmatch(r"(97[89][- ]?)?[\d -]{9,14}[\dx]", lower):
            yield "isbn", text
