"""CSL-JSON 1.0.2: what citation programs share."""

from typing import Any

from services.evidence.exchange.writers.exported_item import (
    KINDS_OF_KNOWING,
    NATURES,
    Exported,
    as_read,
    carried,
    date_parts,
    line,
)

TYPES = {
    "journal_article": "article-journal",
    "book": "book",
    "chapter": "chapter",
    "report": "report",
    "thesis": "thesis",
    "conference_paper": "paper-conference",
    "web_page": "webpage",
    "dataset": "dataset",
}


def csl(item: Exported) -> dict[str, Any]:
    """One entry, with what else it says in `custom.impact`."""
    entry = described(item)
    entry["custom"] = {"impact": carried(item, as_read(entry["title"]), as_read(line(item.abstract)))}
    return entry


def described(item: Exported) -> dict[str, Any]:
    """What the schema has fields for, and nothing empty."""
    own = item.own
    says: dict[str, Any] = {
        "author": [_name(item, name) for name in item.creators],
        "editor": [_name(item, name) for name in own.get("editors", ())],
        "issued": {"date-parts": [date_parts(item.published_on)]} if item.published_on else None,
        "container-title": line(own.get("published_in")),
        "volume": line(own.get("volume")),
        "issue": line(own.get("issue")),
        "page": line(own.get("pages")),
        "publisher": line(item.publisher),
        "genre": KINDS_OF_KNOWING.get(item.way_of_knowing),
        "abstract": line(item.abstract),
        "keyword": ", ".join(map(line, own.get("keywords", ()))),
        "language": item.language,
        "DOI": item.identifier("doi"),
        "PMID": item.identifier("pmid"),
        "PMCID": item.identifier("pmcid"),
        "ISBN": item.identifier("isbn"),
        "ISSN": item.identifier("issn"),
        "URL": item.link,
        "status": NATURES[item.retraction["nature"]] if item.retraction else None,
        "note": item.retraction_note,
    }
    kept = {name: value for name, value in says.items() if value}
    return {"id": item.id, "type": TYPES.get(item.kind, "document"), "title": line(item.title), **kept}


def _name(item: Exported, name: str) -> dict[str, str]:
    if parts := item.family_and_given(name):
        return {"family": parts[0], "given": parts[1]}
    return {"literal": line(name)}
