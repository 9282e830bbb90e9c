"""BibTeX in UTF-8."""

import re
from collections.abc import Sequence
from typing import Any

from pydantic import JsonValue

from services.evidence.exchange.writers.exported_item import WAY_LABELS, ExportedItem, date_parts, single_line
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
ESCAPED_FIELDS = ("author", "editor", "pages")
"""Fields whose texts are made of parts, each of which is escaped."""
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
_UNPAIRED = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
"""BibTeX counts braces to find the end of a field, and those behind a backslash too."""
_LIGATURES = ("--", "``", "''", ",,", "<<", ">>", "?`", "!`")
"""Characters that TeX sets as one other character, such as a dash."""
_LIGATURE = re.compile(r"-{2,}|`{2,}|'{2,}|,{2,}|<{2,}|>{2,}|[?!]`")
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
        "pages": _pages(item),
        PUBLISHER_FIELDS.get(item.kind, "publisher"): item.publisher,
        "type": WAY_LABELS.get(item.way_of_knowing),
        "abstract": item.abstract,
        "keywords": item.keyword_line,
        "isbn": item.identifier("isbn"),
        "issn": item.identifier("issn"),
        "language": item.language,
        "note": item.retraction_note,
        "copyright": item.terms,
    }
    fields = {
        name: f"{{{line if name in ESCAPED_FIELDS else _escape(line)}}}"
        for name, text in texts.items()
        if (line := single_line(text))
    }
    date = date_parts(item.published_on)
    if date:
        fields["year"] = f"{{{date[0]:04}}}"
    if len(date) > 1:
        fields["month"] = _MONTHS[date[1] - 1]
    verbatim = {"doi": item.identifier("doi"), "pmid": item.identifier("pmid"), "pmcid": item.identifier("pmcid")}
    for name, value in (verbatim | {"url": item.link}).items():
        if value:
            fields[name] = f"{{{_verbatim(single_line(value))}}}"
    fields["x-impact"] = (
        "{" + _embeddable(extension_of(item, _unambiguous(item.title), _unambiguous(item.abstract))) + "}"
    )
    body = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
    return f"@{TYPES.get(item.kind, 'misc')}{{{_key(item)},\n{body}\n}}\n\n".encode()


def _key(item: ExportedItem) -> str:
    first = folded(surname(item.creators[0])) if item.creators else ""
    name = re.sub(r"[^a-z0-9]", "", first)
    return f"{name or 'item'}{(item.published_on or '')[:4]}_{item.id[-8:]}"


def _escape(line: str) -> str:
    """Return the line as TeX, which it is without any markup, and with as many closing braces as opening ones."""
    escaped = line
    if _TEX.search(line):
        pieces: list[str] = []
        begin = 0
        for index in _unpaired_braces(line):
            pieces += line[begin:index].translate(_ESCAPE_TABLE), _UNPAIRED[line[index]]
            begin = index + 1
        escaped = "".join(pieces) + line[begin:].translate(_ESCAPE_TABLE)
    if any(ligature in escaped for ligature in _LIGATURES):
        return _LIGATURE.sub(lambda ligature: "{}".join(ligature[0]), escaped)
    return escaped


def _pages(item: ExportedItem) -> str:
    return "--".join(map(_escape, item.pages or (single_line(item.details.get("pages")),)))


def _unpaired_braces(line: str) -> list[int]:
    """Return the positions of braces without a partner, in order."""
    unpaired: list[int] = []
    opened: list[int] = []
    for brace in re.finditer(r"[{}]", line):
        if brace[0] == "{":
            opened.append(brace.start())
        elif opened:
            opened.pop()
        else:
            unpaired.append(brace.start())
    return sorted(unpaired + opened)


def _verbatim(value: str) -> str:
    """Return a URL or an identifier, in which nothing is escaped: a brace without a partner is percent-encoded."""
    if _unpaired_braces(value):
        return value.replace("{", "%7B").replace("}", "%7D")
    return value


def _names(item: ExportedItem, names: Sequence[str]) -> str:
    """Return `Okoro, Jr., Ada and ...`, as TeX. What a program would split is in braces."""
    return " and ".join(_name(item, name) for name in names)


def _name(item: ExportedItem, name: str) -> str:
    parts = item.split_name(name)
    if parts is None:
        return f"{{{_escape(single_line(name))}}}"
    return ", ".join(_name_part(part) for part in (parts.family, parts.suffix, parts.given_names) if part)


def _name_part(part: str) -> str:
    return f"{{{_escape(part)}}}" if " and " in f" {part.lower()} " else _escape(part)


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
