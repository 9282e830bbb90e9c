"""DataCite 4, in the wrapper of `oai_datacite`."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

from services.evidence.exchange.oai.metadata.records import (
    RESOURCE_TYPES,
    WAY_LABELS,
    LibraryIdentity,
    RecordDescription,
    RecordHeader,
    retraction_sentence,
)
from services.evidence.exchange.oai.xml import element, nested
from services.evidence.exchange.writers.fields.person_names import split_name
from services.evidence.library.items.attribution import credited_names
from services.evidence.library.terms import TERMS
from services.evidence.library.years import period_text

NameType = Literal["Personal", "Organizational"]

SCHEMA: Final = "http://schema.datacite.org/oai/oai-1.1/oai.xsd"
NAMESPACE: Final = "http://schema.datacite.org/oai/oai-1.1/"
UNKNOWN_YEAR_NOTE: Final = (
    "When the work came out is not known. This is when it was first shown here, and publicationYear is its year."
)
"""DataCite requires a year for every resource, and has no code for an unknown one."""
_UNAVAILABLE: Final = ":unav"
_UNALLOCATED: Final = ":unal"
_SCHEMES: Final[dict[str, str]] = {"doi": "DOI", "pmid": "PMID", "isbn": "ISBN", "issn": "ISSN"}
_RESOURCE_ATTRIBUTES: Final = {
    "xmlns": "http://datacite.org/schema/kernel-4",
    "xsi:schemaLocation": "http://datacite.org/schema/kernel-4 http://schema.datacite.org/meta/kernel-4.5/metadata.xsd",
}
_ROOT_ATTRIBUTES: Final = {"xmlns": NAMESPACE, "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}"}


def write_datacite(
    header: RecordHeader, item: RecordDescription, topic_names: Sequence[str], library: LibraryIdentity
) -> str:
    """Return the `oai_datacite` of a record."""
    resource = nested("resource", _resource(header, item, topic_names, library), **_RESOURCE_ATTRIBUTES)
    return nested(
        "oai_datacite",
        [
            element("schemaVersion", "4.5"),
            element("datacentreSymbol", library.namespace),
            nested("payload", [resource]),
        ],
        **_ROOT_ATTRIBUTES,
    )


def _resource(
    header: RecordHeader, item: RecordDescription, topic_names: Sequence[str], library: LibraryIdentity
) -> Iterator[str]:
    details, way = item.details, header.way_of_knowing
    is_research = way == "research"
    url = library.item_url(header.id)
    doi = next((value for scheme, value in item.identifiers if scheme == "doi"), None)
    yield element("identifier", doi or url, identifierType="DOI" if doi else "URL")
    creators = credited_names(way, details)
    missing = _UNALLOCATED if way == "lived_experience" else _UNAVAILABLE
    named = [nested("creator", _name("creator", name, _credit_type(header, item))) for name in creators]
    yield nested("creators", named or [nested("creator", [element("creatorName", missing)])])
    yield nested("titles", [element("title", item.title, lang=item.language) or element("title", _UNAVAILABLE)])
    yield element("publisher", details.get("publisher") or (_UNAVAILABLE if is_research else library.name))
    yield element("publicationYear", (details.get("published_on") or item.listed_on)[:4])
    general_type = RESOURCE_TYPES[details.get("kind") or "other"] if is_research else "Text"
    yield element("resourceType", WAY_LABELS[way], resourceTypeGeneral=general_type)
    subjects = dict.fromkeys((*topic_names, *(details.get("keywords") or ())))
    yield nested("subjects", (element("subject", name) for name in subjects))
    yield nested("contributors", _editors(item, creators))
    yield nested("dates", _dates(item, is_research=is_research))
    yield element("language", item.language)
    yield nested("alternateIdentifiers", _alternate_identifiers(item, url if doi else None))
    yield nested("relatedIdentifiers", _related_identifiers(item))
    yield nested("rightsList", [element("rights", TERMS[way], lang="en")])
    yield nested("descriptions", _descriptions(item))
    yield nested("geoLocations", [nested("geoLocation", [element("geoLocationPlace", item.country)])])


def _credit_type(header: RecordHeader, item: RecordDescription) -> NameType | None:
    """Return what is credited with an account or practice knowledge. Names of authors do not say it."""
    match header.way_of_knowing:
        case "research":
            return None
        case "lived_experience":
            return "Personal"
        case "practice_knowledge":
            return "Organizational" if item.details["credit"]["attribution"] == "organisation" else "Personal"


def _name(role: str, name: str, name_type: NameType | None = None) -> Iterator[str]:
    """Yield the elements of a name; with its parts where no type is stated and they leave no doubt."""
    parts = None if name_type else split_name(" ".join(name.split()))
    yield element(f"{role}Name", name, nameType="Personal" if parts else name_type)
    if parts:
        yield element("givenName", parts.given_names)
        yield element("familyName", parts.family)


def _editors(item: RecordDescription, creators: Sequence[str]) -> Iterator[str]:
    for name in item.details.get("editors") or ():
        if name not in creators:
            yield nested("contributor", _name("contributor", name), contributorType="Editor")


def _dates(item: RecordDescription, *, is_research: bool) -> Iterator[str]:
    published_on = item.details.get("published_on")
    note = None if published_on or not is_research else UNKNOWN_YEAR_NOTE
    yield element("date", published_on, dateType="Issued")
    yield element("date", item.listed_on, dateType="Available", dateInformation=note)
    yield element("date", period_text(item.details), dateType="Other", dateInformation="The time that it is about.")


def _alternate_identifiers(item: RecordDescription, url: str | None) -> Iterator[str]:
    yield element("alternateIdentifier", url, alternateIdentifierType="URL")
    for scheme, value in item.identifiers:
        if scheme not in ("doi", "issn"):
            identifier_type = _SCHEMES.get(scheme, scheme.upper())
            yield element("alternateIdentifier", value, alternateIdentifierType=identifier_type)


def _related_identifiers(item: RecordDescription) -> Iterator[str]:
    for scheme, value in item.identifiers:
        if scheme == "issn":
            yield element("relatedIdentifier", value, relatedIdentifierType="ISSN", relationType="IsPublishedIn")
    url = item.details.get("url")
    yield element("relatedIdentifier", url, relatedIdentifierType="URL", relationType="IsDescribedBy")


def _descriptions(item: RecordDescription) -> Iterator[str]:
    yield element("description", retraction_sentence(item.retraction), descriptionType="Other", lang="en")
    yield element("description", item.summary, descriptionType="Abstract", lang=item.language)
    yield element("description", item.containing_work, descriptionType="SeriesInformation")
