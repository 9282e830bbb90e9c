"""CSL-JSON 1.0.2, the format that citation programs share."""

from typing import Any

from services.evidence.exchange.writers.exported_item import (
    RETRACTION_LABELS,
    WAY_LABELS,
    ExportedItem,
    date_parts,
    single_line,
)
from services.evidence.exchange.writers.extension import extension_of, unambiguous

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


def entry_of(item: ExportedItem) -> dict[str, Any]:
    """Return one entry, with its extension in `custom.impact`."""
    entry = schema_fields(item)
    abstract = unambiguous(single_line(item.abstract))
    extension = extension_of(item, unambiguous(entry["title"]), abstract)
    entry["custom"] = {"impact": extension, "rights": item.terms}
    return entry


def schema_fields(item: ExportedItem) -> dict[str, Any]:
    """Return the fields that the schema has, without empty ones."""
    details = item.details
    fields: dict[str, Any] = {
        "author": [_name(item, name) for name in item.creators],
        "editor": [_name(item, name) for name in details.get("editors", ())],
        "issued": {"date-parts": [date_parts(item.published_on)]} if item.published_on else None,
        "container-title": single_line(details.get("published_in")),
        "volume": single_line(details.get("volume")),
        "issue": single_line(details.get("issue")),
        "page": single_line(details.get("pages")),
        "publisher": single_line(item.publisher),
        "genre": WAY_LABELS.get(item.way_of_knowing),
        "abstract": single_line(item.abstract),
        "keyword": item.keyword_line,
        "language": item.language,
        "DOI": item.identifier("doi"),
        "PMID": item.identifier("pmid"),
        "PMCID": item.identifier("pmcid"),
        "ISBN": item.identifier("isbn"),
        "ISSN": item.identifier("issn"),
        "URL": item.link,
        "status": RETRACTION_LABELS[item.retraction["nature"]] if item.retraction else None,
        "note": item.retraction_note,
    }
    filled = {name: value for name, value in fields.items() if value}
    return {"id": item.id, "type": TYPES.get(item.kind, "document"), "title": single_line(item.title), **filled}


def _name(item: ExportedItem, name: str) -> dict[str, str]:
    parts = item.split_name(name)
    if parts is None:
        return {"literal": single_line(name)}
    return {"family": parts.family, "given": parts.given_names} | ({"suffix": parts.suffix} if parts.suffix else {})
