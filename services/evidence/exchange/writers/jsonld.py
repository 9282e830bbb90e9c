"""JSON-LD in the vocabulary of schema.org, which search engines and data catalogues read."""

from typing import Any

from services.evidence.exchange.writers.exported_item import (
    LIBRARY_NAME,
    NARRATIVE_FIELDS,
    WAY_LABELS,
    ExportedItem,
    notice_url,
    single_line,
)
from services.evidence.library.years import period_text

CONTEXT = "https://schema.org"
"""It is only named, and never fetched."""
TYPES = {
    "journal_article": "ScholarlyArticle",
    "conference_paper": "ScholarlyArticle",
    "book": "Book",
    "chapter": "Chapter",
    "report": "Report",
    "thesis": "Thesis",
    "web_page": "WebPage",
    "dataset": "Dataset",
}
CONTAINER_TYPES = {"journal_article": "Periodical", "chapter": "Book", "book": "BookSeries"}
IDENTIFIER_URLS = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
}


def node_of(item: ExportedItem) -> dict[str, Any]:
    """Return one node. An account is its `text`; `isAccessibleForFree` is left out, because it is not known here."""
    details = item.details
    identifiers = details.get("identifiers", ())
    narrative = [details[name] for name in NARRATIVE_FIELDS if details.get(name)]
    node: dict[str, Any] = {
        "@type": TYPES.get(item.kind, "CreativeWork"),
        "@id": item.url,
        "name": single_line(item.title),
        "genre": WAY_LABELS.get(item.way_of_knowing),
        "abstract": item.summary,
        "text": "\n\n".join(narrative),
        "creator": [_creator(item, name) for name in item.creators],
        "editor": [_person(item, name) for name in details.get("editors", ())],
        "datePublished": item.published_on,
        "isPartOf": _container(item),
        "pagination": details.get("pages"),
        "publisher": {"@type": "Organization", "name": item.publisher} if item.publisher else None,
        "identifier": [_identifier(identifier["scheme"], identifier["value"]) for identifier in identifiers],
        "isbn": item.identifier("isbn") if item.kind == "book" else None,
        "sameAs": [
            IDENTIFIER_URLS[identifier["scheme"]].format(identifier["value"])
            for identifier in identifiers
            if identifier["scheme"] in IDENTIFIER_URLS
        ],
        "url": item.link,
        "inLanguage": item.language,
        "keywords": details.get("keywords"),
        "about": [{"@type": "DefinedTerm", "name": name} for name in item.topics],
        "spatialCoverage": _area(item.country) if item.country else None,
        "temporalCoverage": period_text(details),
        "creditText": "; ".join(item.credited),
        "usageInfo": {"@type": "CreativeWork", "text": item.terms},
        "correction": _correction(item),
        "includedInDataCatalog": {"@type": "DataCatalog", "name": LIBRARY_NAME} if item.kind == "dataset" else None,
    }
    return _filled(node)


def _filled(node: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in node.items() if value}


def _creator(item: ExportedItem, name: str) -> dict[str, Any]:
    match item.creator_kind:
        case "person":
            return {"@type": "Person", "name": single_line(name)}
        case "organisation":
            return {"@type": "Organization", "name": single_line(name)}
        case "role":
            return {"@type": "Person", "jobTitle": single_line(name)}
        case None:
            return _person(item, name)


def _person(item: ExportedItem, name: str) -> dict[str, Any]:
    """Return a person, or a thing where a name in one piece may be an organisation's."""
    parts = item.split_name(name)
    if parts is None:
        return {"@type": "Thing", "name": single_line(name)}
    return _filled(
        {
            "@type": "Person",
            "familyName": parts.family,
            "givenName": parts.given_names,
            "honorificSuffix": parts.suffix,
            "name": parts.direct,
        }
    )


def _container(item: ExportedItem) -> dict[str, Any] | None:
    """Return the issue within the volume within the journal or book, without those that are not known."""
    details = item.details
    container: dict[str, Any] | None = None
    if name := details.get("published_in"):
        issn = item.identifier("issn")
        container = _filled({"@type": CONTAINER_TYPES.get(item.kind, "CreativeWork"), "name": name, "issn": issn})
    if volume := details.get("volume"):
        container = _filled({"@type": "PublicationVolume", "volumeNumber": volume, "isPartOf": container})
    if issue := details.get("issue"):
        container = _filled({"@type": "PublicationIssue", "issueNumber": issue, "isPartOf": container})
    return container


def _area(code: str) -> dict[str, str]:
    """Return the area of an ISO 3166 code: `GB` is a country, `GB-NIR` a part of one."""
    return {"@type": "Country" if len(code) == 2 else "AdministrativeArea", "identifier": code}


def _identifier(scheme: str, value: str) -> dict[str, str]:
    return {"@type": "PropertyValue", "propertyID": scheme, "value": value}


def _correction(item: ExportedItem) -> dict[str, Any] | None:
    if not item.retraction:
        return None
    comment = {
        "@type": "CorrectionComment",
        "text": item.retraction_note,
        "datePublished": item.retraction.get("on"),
        "url": notice_url(item.retraction),
    }
    return _filled(comment)
