"""What a format's own fields cannot express, added to each record so that an import restores the same item."""

import json
import re
from collections.abc import Mapping
from typing import Any

from services.evidence.exchange.writers.exported_item import ExportedItem, single_line

PREFIX = "impact:1:"
"""Marks an extension wherever a format keeps it in a field that holds other notes too."""
_MARKUP = re.compile(r"[<>&]")


def extension_of(item: ExportedItem, title: str | None, summary: str | None) -> dict[str, Any]:
    """Return what a format cannot express of an item.

    `title` and `summary`: as every reader will read them from the format's own fields, or None if readers differ. If
    these are not the exact texts, the extension holds those too.
    """
    extension: dict[str, Any] = {
        "id": item.id,
        "way_of_knowing": item.way_of_knowing,
        "details": item.details,
        "country": item.country,
        "setting": item.setting,
        "language": item.language,
        "topics": item.topics,
    }
    if title != item.title:
        extension["title"] = item.title
    if summary != item.summary:
        extension["summary"] = item.summary
    return extension


def extension_line(extension: Mapping[str, Any]) -> str:
    """Return the extension as one line of ASCII after its prefix, for formats whose fields hold any text."""
    text = json.dumps(extension, separators=(",", ":"))
    # Readers collapse several spaces into one.
    return PREFIX + text.replace("  ", " \\u0020")


def line_with_abstract(item: ExportedItem) -> str:
    """Return the extension line for a format whose fields hold the title and the abstract, each on one line."""
    title, abstract = unambiguous(single_line(item.title)), unambiguous(single_line(item.abstract))
    return extension_line(extension_of(item, title, abstract))


def unambiguous(text: str) -> str | None:
    """Return the text if every reader reads it alike; None if they may not, for its lines or what looks like markup."""
    return text if text == single_line(text) and not _MARKUP.search(text) else None
