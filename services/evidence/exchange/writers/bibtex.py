"""BibTeX in UTF-8."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import JsonValue

from services.evidence.exchange.writers.exported_item import ExportedItem, date_parts, single_line
from services.evidence.exchange.writers.extension import extension_line, extension_of
from services.evidence.library.items.identifiers.rules import folded, surname

TYPES = {
    "journal_article": "article",
    "book": "book",
    "chapter": "incollection",
    "report": "techreport",
    "thesis": "phdthesis",
    "conference_paper": "inproceedings",
}
CONTAINER_FIELDS = {"journal_article": "journal", "report": "series", "book": "series", "thesis": "series"}
"""The field that names the journal, series or book that contains a work; for other kinds `booktitle`."""
PUBLISHER_FIELDS = {"report": "institution", "thesis": "school"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ESCAPES = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_ESCAPE_TABLE = str.maketrans(_ESCAPES)
_TEX = re.compile(r"[\\{}&%$#_~^]")
_ENTRY_SYNTAX = re.compile(r"[@%#]")
_AMBIGUOUS = re.compile(r"[\\{}&%$#_~^<>]|--|``|''|[?!]`")
"""What some program reads as TeX. A text that contains any of it is in the extension too."""


def write_entry(item: ExportedItem) -> bytes:
    """Return one entry. Its key, of the first surname, the year and the end of the item's id, stays the same."""
    details = item.details
    texts: dict[str, str | None] = {
        "title": item.title,
        "author": _names(item, item.creators),
        "editor": _names(item, details.get("editors", ())),
        CONTAINER_FIELDS.get(item.kind, "booktitle"): details.get("published_in"),
        "volume": details.get("volume"),
        "number": details.get("issue"),
        "pages": "--".join(item.pages) if item.pages else details.get("pages"),
        PUBLISHER_FIELDS.get(item.kind, "publisher"): item.publisher,
        "abstract": item.abstract,
        "keywords": ", ".join(details.get("keywords", ())),
        "isbn": item.identifier("isbn"),
        "issn": item.identifier("issn"),
        "language": item.language,
        "note": item.retraction_note,
        "copyright": item.terms,
    }
    fields = {
        name: _text(text, is_escaped=name in ("author", "editor")) for name, text in texts.items() if single_line(text)
    }
    date = date_parts(item.published_on)
    if date:
        fields["year"] = f"{{{date[0]:04}}}"
    if len(date) > 1:
        fields["month"] = _MONTHS[date[1] - 1]
    verbatim = {"doi": item.identifier("doi"), "pmid": item.identifier("pmid"), "pmcid": item.identifier("pmcid")}
    for name, value in (verbatim | {"url": item.link}).items():
        if value:
            fields[name] = "{" + single_line(value).replace("{", "%7B").replace("}", "%7D") + "}"
    fields["x-impact"] = (
        "{" + _embeddable(extension_of(item, _unambiguous(item.title), _unambiguous(item.abstract))) + "}"
    )
    body = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
    return f"@{TYPES.get(item.kind, 'misc')}{{{_key(item)},\n{body}\n}}\n\n".encode()


def _key(item: ExportedItem) -> str:
    first = folded(surname(item.creators[0])) if item.creators else ""
    name = re.sub(r"[^a-z0-9]", "", first)
    return f"{name or 'item'}{(item.published_on or '')[:4]}_{item.id[-8:]}"


def _text(text: str | None, *, is_escaped: bool = False) -> str:
    line = single_line(text)
    return "{" + (line if is_escaped or not _TEX.search(line) else line.translate(_ESCAPE_TABLE)) + "}"


def _names(item: ExportedItem, names: Sequence[str]) -> str:
    """Return `Okoro, Ada and ...`. A name in one piece is put in braces, so that no program splits it."""
    escaped = [(single_line(name).translate(_ESCAPE_TABLE), item.family_and_given(name)) for name in names]
    return " and ".join(text if split and " and " not in text.lower() else f"{{{text}}}" for text, split in escaped)


def _unambiguous(text: str) -> str | None:
    line = single_line(text)
    return None if _AMBIGUOUS.search(line) else line


def _embeddable(extension: dict[str, Any]) -> str:
    """Return the extension with nothing in its texts that ends a field or begins an entry: its braces balance."""
    text = extension_line(extension)
    if not _ENTRY_SYNTAX.search(text) and text.count("{") == text.count("}") == _count_objects(extension):
        return text

    def escape_syntax(string: re.Match[str]) -> str:
        return re.sub(r"[{}@%#]", lambda character: f"\\u{ord(character[0]):04x}", string[0])

    return re.sub(r'"(?:[^"\\]|\\.)*"', escape_syntax, text)


def _count_objects(value: JsonValue) -> int:
    """Return how many braces JSON opens for the value."""
    if isinstance(value, dict):
        return 1 + sum(map(_count_objects, value.values()))
    return sum(map(_count_objects, value)) if isinstance(value, list) else 0
