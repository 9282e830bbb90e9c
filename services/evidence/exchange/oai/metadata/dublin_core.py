"""Simple Dublin Core (`oai_dc`)."""

from collections.abc import Iterator, Sequence
from typing import Final

from services.evidence.exchange.oai.metadata.records import (
    RESOURCE_TYPES,
    WAY_LABELS,
    LibraryIdentity,
    RecordDescription,
    RecordHeader,
    retraction_sentence,
)
from services.evidence.exchange.oai.xml import element, nested
from services.evidence.library.items.attribution import credited_names
from services.evidence.library.terms import TERMS
from services.evidence.library.years import period_text

SCHEMA: Final = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
NAMESPACE: Final = "http://www.openarchives.org/OAI/2.0/oai_dc/"
_IDENTIFIER_URLS: Final[dict[str, str]] = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "isbn": "urn:isbn:{}",
    "issn": "urn:issn:{}",
}
_ROOT_ATTRIBUTES: Final = {
    "xmlns:oai_dc": NAMESPACE,
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
}


def write_dublin_core(
    header: RecordHeader, item: RecordDescription, topic_names: Sequence[str], library: LibraryIdentity
) -> str:
    """Return the `oai_dc:dc` of a record."""
    elements = (
        element(f"dc:{name}", value, lang=item.language if name in ("title", "description") else None)
        for name, value in _statements(header, item, topic_names, library)
    )
    return nested("oai_dc:dc", elements, **_ROOT_ATTRIBUTES)


def _statements(
    header: RecordHeader, item: RecordDescription, topic_names: Sequence[str], library: LibraryIdentity
) -> Iterator[tuple[str, str | None]]:
    details, way = item.details, header.way_of_knowing
    is_research = way == "research"
    creators = credited_names(way, details)
    yield "title", item.title
    yield from (("creator", name) for name in creators)
    yield from (("contributor", name) for name in details.get("editors") or () if name not in set(creators))
    yield from (("subject", name) for name in dict.fromkeys((*topic_names, *(details.get("keywords") or ()))))
    yield "description", retraction_sentence(item.retraction)
    yield "description", item.summary
    yield "publisher", details.get("publisher") if is_research else library.name
    yield "date", details.get("published_on") if is_research else item.listed_on
    yield "type", WAY_LABELS[way]
    yield "type", RESOURCE_TYPES[details.get("kind") or "other"] if is_research else None
    yield "identifier", library.item_url(header.id)
    for scheme, value in item.identifiers:
        yield "identifier", _IDENTIFIER_URLS[scheme].format(value) if scheme in _IDENTIFIER_URLS else value
    yield "identifier", details.get("url")
    yield "source", item.containing_work
    yield "language", item.language
    yield "coverage", item.country
    yield "coverage", item.setting
    yield "coverage", period_text(details)
    yield "rights", TERMS[way]
