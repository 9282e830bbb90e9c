"""What a record says, as Dublin Core and as DataCite 4.

An account is told of by its title and summary, with the name that its person chose: its own words stay in this
library, where they can be withdrawn at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.evidence.exchange.oai.xml import element, nested
from services.evidence.library.items.attribution import credited_names

KINDS: Final[dict[str, str]] = {
    "journal_article": "JournalArticle",
    "book": "Book",
    "chapter": "BookChapter",
    "report": "Report",
    "thesis": "Dissertation",
    "conference_paper": "ConferencePaper",
    "web_page": "Text",
    "dataset": "Dataset",
    "other": "Text",
}
WAYS: Final[dict[str, str]] = {
    "research": "research",
    "lived_experience": "lived experience",
    "practice_knowledge": "practice knowledge",
}
RIGHTS: Final[dict[str, str]] = {
    "research": "This describes a work; the rights in the work itself are those of its authors and publisher.",
    "lived_experience": "Shown here with the consent of the person who gave it, who is named as they chose. It may be "
    "linked to and cited under that name; whoever wants to use it otherwise asks the library first.",
    "practice_knowledge": "Shared by a practitioner for use in practice. It may be linked to and cited.",
}
RETRACTED: Final[dict[str, str]] = {
    "retraction": "This work has been retracted",
    "correction": "This work has been corrected",
    "expression_of_concern": "Concern has been expressed about this work",
    "reinstatement": "This work was reinstated after a retraction",
}
YEAR_NOT_KNOWN: Final = (
    "When the work came out is not known. This is when it was first shown here, and publicationYear is its year."
)
"""DataCite wants a year of everything, and knows none that is unknown."""
ADDRESSES: Final[dict[str, str]] = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
    "isbn": "urn:isbn:{}",
    "issn": "urn:issn:{}",
}
DATACITE_SCHEMES: Final[dict[str, str]] = {"doi": "DOI", "pmid": "PMID", "isbn": "ISBN", "issn": "ISSN"}


@dataclass(frozen=True, slots=True)
class Library:
    """Who shows the records, and where."""

    name: str
    public_url: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Format:
    prefix: str
    schema: str
    namespace: str
    write: Callable[[Any, Sequence[str], Library], str]


def address_of(library: Library, item_id: object) -> str:
    return f"{library.public_url}/v1/evidence/{item_id}"


def retraction_of(row: Any) -> str | None:
    """In one sentence, to be said before anything else."""
    found: Mapping[str, Any] | None = row.retraction
    if not found:
        return None
    on = f" on {found['on']}" if found.get("on") else ""
    return f"{RETRACTED[found['nature']]}{on} ({found['source']})."


def _identifiers(row: Any) -> list[tuple[str, str]]:
    return [(one["scheme"], one["value"]) for one in row.details.get("identifiers") or ()]


def _dublin_core(row: Any, topics: Sequence[str], library: Library) -> str:
    own, way = row.details, row.way_of_knowing
    credited = set(credited_names(way, own))
    said: Iterator[tuple[str, str | None]] = iter(
        [
            ("title", row.title),
            *(("creator", name) for name in credited_names(way, own)),
            *(("contributor", name) for name in own.get("editors") or () if name not in credited),
            *(("subject", name) for name in dict.fromkeys((*topics, *(own.get("keywords") or ())))),
            ("description", retraction_of(row)),
            ("description", row.summary),
            ("publisher", own.get("publisher") if way == "research" else library.name),
            ("date", own.get("published_on") if way == "research" else row.published_at.date().isoformat()),
            ("type", WAYS[way]),
            ("type", KINDS[own.get("kind") or "other"] if way == "research" else None),
            ("identifier", address_of(library, row.id)),
            *(("identifier", ADDRESSES[s].format(v) if s in ADDRESSES else v) for s, v in _identifiers(row)),
            ("identifier", own.get("url")),
            ("source", _held_in(own)),
            ("language", row.language),
            ("coverage", row.country),
            ("coverage", row.setting),
            ("rights", RIGHTS[way]),
        ]
    )
    lang = row.language
    parts = (
        element(f"dc:{name}", value, lang=lang if name in ("title", "description") else None) for name, value in said
    )
    return nested(
        "oai_dc:dc",
        parts,
        **{
            "xmlns:oai_dc": DUBLIN_CORE.namespace,
            "xmlns:dc": "http://purl.org/dc/elements/1.1/",
            "xsi:schemaLocation": f"{DUBLIN_CORE.namespace} {DUBLIN_CORE.schema}",
        },
    )


def _held_in(own: Mapping[str, Any]) -> str | None:
    """`Journal of Care, 12(3), 201-219`."""
    if not own.get("published_in"):
        return None
    issue = f"({own['issue']})" if own.get("issue") else ""
    numbers = f"{own.get('volume') or ''}{issue}"
    return ", ".join(part for part in (own["published_in"], numbers, own.get("pages")) if part)


def _datacite(row: Any, topics: Sequence[str], library: Library) -> str:
    resource = nested(
        "resource",
        _resource(row, topics, library),
        **{
            "xmlns": "http://datacite.org/schema/kernel-4",
            "xsi:schemaLocation": "http://datacite.org/schema/kernel-4 "
            "http://schema.datacite.org/meta/kernel-4.5/metadata.xsd",
        },
    )
    return nested(
        "oai_datacite",
        [
            element("schemaVersion", "4.5"),
            element("datacentreSymbol", library.namespace),
            nested("payload", [resource]),
        ],
        **{"xmlns": DATACITE.namespace, "xsi:schemaLocation": f"{DATACITE.namespace} {DATACITE.schema}"},
    )


def _resource(row: Any, topics: Sequence[str], library: Library) -> Iterator[str]:
    own, way, lang = row.details, row.way_of_knowing, row.language
    address, known = address_of(library, row.id), _identifiers(row)
    doi = next((value for scheme, value in known if scheme == "doi"), None)
    yield element("identifier", doi or address, identifierType="DOI" if doi else "URL")
    names = credited_names(way, own) or [":unal" if way == "lived_experience" else ":unav"]
    yield nested("creators", (nested("creator", [element("creatorName", name)]) for name in names))
    yield nested("titles", [element("title", row.title, lang=lang) or element("title", ":unav")])
    yield element("publisher", own.get("publisher") or (":unav" if way == "research" else library.name))
    listed, published = row.published_at.date().isoformat(), own.get("published_on")
    yield element("publicationYear", (published or listed)[:4])
    general = KINDS[own.get("kind") or "other"] if way == "research" else "Text"
    yield element("resourceType", WAYS[way], resourceTypeGeneral=general)
    subjects = dict.fromkeys((*topics, *(own.get("keywords") or ())))
    yield nested("subjects", (element("subject", name) for name in subjects))
    editors = [name for name in own.get("editors") or () if name not in names]
    named = (nested("contributor", [element("contributorName", n)], contributorType="Editor") for n in editors)
    yield nested("contributors", named)
    unknown = None if published or way != "research" else YEAR_NOT_KNOWN
    shown = element("date", listed, dateType="Available", dateInformation=unknown)
    yield nested("dates", [element("date", published, dateType="Issued"), shown])
    yield element("language", lang)
    here = element("alternateIdentifier", address, alternateIdentifierType="URL") if doi else ""
    others = (
        element("alternateIdentifier", value, alternateIdentifierType=DATACITE_SCHEMES.get(scheme, scheme.upper()))
        for scheme, value in known
        if scheme not in ("doi", "issn")
    )
    yield nested("alternateIdentifiers", [here, *others])
    yield nested("relatedIdentifiers", _related(own, known))
    yield nested("rightsList", [element("rights", RIGHTS[way], lang="en")])
    said = element("description", retraction_of(row), descriptionType="Other", lang="en")
    told = element("description", row.summary, descriptionType="Abstract", lang=lang)
    held = element("description", _held_in(own), descriptionType="SeriesInformation")
    yield nested("descriptions", [said, told, held])
    place = element("geoLocationPlace", row.country)
    yield nested("geoLocations", [nested("geoLocation", [place])])


def _related(own: Mapping[str, Any], known: Sequence[tuple[str, str]]) -> Iterator[str]:
    for scheme, value in known:
        if scheme == "issn":
            yield element("relatedIdentifier", value, relatedIdentifierType="ISSN", relationType="IsPublishedIn")
    yield element("relatedIdentifier", own.get("url"), relatedIdentifierType="URL", relationType="IsDescribedBy")


DUBLIN_CORE: Final = Format(
    "oai_dc",
    "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
    "http://www.openarchives.org/OAI/2.0/oai_dc/",
    _dublin_core,
)
DATACITE: Final = Format(
    "oai_datacite",
    "http://schema.datacite.org/oai/oai-1.1/oai.xsd",
    "http://schema.datacite.org/oai/oai-1.1/",
    _datacite,
)
FORMATS: Final[dict[str, Format]] = {found.prefix: found for found in (DUBLIN_CORE, DATACITE)}
