"""JSON-LD in the words of schema.org, which search engines and data catalogues read."""

from typing import Any

from services.evidence.exchange.writers.exported_item import KINDS_OF_KNOWING, LIBRARY, Exported, line, notice_of

CONTEXT = "https://schema.org"
"""Named, never fetched: what each word means is known here."""
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
HOLDERS = {"journal_article": "Periodical", "chapter": "Book", "book": "BookSeries"}
ADDRESSES = {
    "doi": "https://doi.org/{}",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "pmcid": "https://pmc.ncbi.nlm.nih.gov/articles/{}/",
}


def jsonld(item: Exported) -> dict[str, Any]:
    """One node. An account's words are its text; whether a work can be read for nothing is not known here."""
    own = item.own
    said = [own[name] for name in ("account", "what_was_done", "what_happened", "what_it_needs") if own.get(name)]
    node: dict[str, Any] = {
        "@type": TYPES.get(item.kind, "CreativeWork"),
        "@id": item.url,
        "name": line(item.title),
        "genre": KINDS_OF_KNOWING.get(item.way_of_knowing),
        "abstract": item.summary,
        "text": "\n\n".join(said),
        "creator": [_creator(item, name) for name in item.creators],
        "editor": [_person(item, name) for name in own.get("editors", ())],
        "datePublished": item.published_on,
        "isPartOf": _holder(item),
        "pagination": own.get("pages"),
        "publisher": {"@type": "Organization", "name": item.publisher} if item.publisher else None,
        "identifier": [_identifier(one["scheme"], one["value"]) for one in own.get("identifiers", ())],
        "isbn": item.identifier("isbn") if item.kind == "book" else None,
        "sameAs": [
            ADDRESSES[one["scheme"]].format(one["value"])
            for one in own.get("identifiers", ())
            if one["scheme"] in ADDRESSES
        ],
        "url": item.link,
        "inLanguage": item.language,
        "keywords": own.get("keywords"),
        "about": [{"@type": "DefinedTerm", "name": name} for name in item.topics],
        "spatialCoverage": _place(item.country) if item.country else None,
        "correction": _correction(item),
        "includedInDataCatalog": {"@type": "DataCatalog", "name": LIBRARY} if item.kind == "dataset" else None,
    }
    return {name: value for name, value in node.items() if value}


def _creator(item: Exported, name: str) -> dict[str, Any]:
    if item.is_research:
        return _person(item, name)
    return {"@type": "Person", "jobTitle" if item.way_of_knowing == "practice_knowledge" else "name": name}


def _person(item: Exported, name: str) -> dict[str, Any]:
    """Of a name in one piece it is not known whether it is a person's or an organisation's."""
    if parts := item.family_and_given(name):
        return {"@type": "Person", "familyName": parts[0], "givenName": parts[1], "name": f"{parts[1]} {parts[0]}"}
    return {"@type": "Thing", "name": name}


def _holder(item: Exported) -> dict[str, Any] | None:
    own = item.own
    if not own.get("published_in"):
        return None
    holder = {"@type": HOLDERS.get(item.kind, "CreativeWork"), "name": own["published_in"]}
    if issn := item.identifier("issn"):
        holder["issn"] = issn
    if volume := own.get("volume"):
        holder = {"@type": "PublicationVolume", "volumeNumber": volume, "isPartOf": holder}
    if issue := own.get("issue"):
        holder = {"@type": "PublicationIssue", "issueNumber": issue, "isPartOf": holder}
    return holder


def _place(code: str) -> dict[str, str]:
    """ISO 3166: `GB` is a country, `GB-NIR` a part of one."""
    return {"@type": "Country" if len(code) == 2 else "AdministrativeArea", "identifier": code}


def _identifier(scheme: str, value: str) -> dict[str, str]:
    return {"@type": "PropertyValue", "propertyID": scheme, "value": value}


def _correction(item: Exported) -> dict[str, Any] | None:
    if not item.retraction:
        return None
    comment = {
        "@type": "CorrectionComment",
        "text": item.retraction_note,
        "datePublished": item.retraction.get("on"),
        "url": notice_of(item.retraction),
    }
    return {name: value for name, value in comment.items() if value}
