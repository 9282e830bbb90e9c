"""BibTeX in UTF-8."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from services.evidence.exchange.writers.exported_item import Exported, carried, date_parts, line, marked
from services.evidence.library.items.identifiers import folded, surname

TYPES = {
    "journal_article": "article",
    "book": "book",
    "chapter": "incollection",
    "report": "techreport",
    "thesis": "phdthesis",
    "conference_paper": "inproceedings",
}
HOLDERS = {"journal_article": "journal", "report": "series", "book": "series", "thesis": "series"}
"""The field that names what holds a work; for others `booktitle`."""
PUBLISHERS = {"report": "institution", "thesis": "school"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SPECIAL = {
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
_ESCAPED = str.maketrans(_SPECIAL)
_TEX = re.compile(r"[\\{}&%$#_~^]")
_RISKY = re.compile(r"[@%#]")
_READ_OTHERWISE = re.compile(r"[\\{}&%$#_~^<>]|--|``|''|[?!]`")
"""What one program or another reads as TeX: these words are carried exactly as well."""


def bibtex(item: Exported) -> bytes:
    """One entry. Its key is the first name, the year and the end of the item's id: it stays the same."""
    own = item.own
    texts: dict[str, str | None] = {
        "title": item.title,
        "author": _names(item, item.creators),
        "editor": _names(item, own.get("editors", ())),
        HOLDERS.get(item.kind, "booktitle"): own.get("published_in"),
        "volume": own.get("volume"),
        "number": own.get("issue"),
        "pages": "--".join(item.pages) if item.pages else own.get("pages"),
        PUBLISHERS.get(item.kind, "publisher"): item.publisher,
        "abstract": item.abstract,
        "keywords": ", ".join(own.get("keywords", ())),
        "isbn": item.identifier("isbn"),
        "issn": item.identifier("issn"),
        "language": item.language,
        "note": item.retraction_note,
    }
    fields = {name: _text(text, escaped=name in ("author", "editor")) for name, text in texts.items() if line(text)}
    parts = date_parts(item.published_on)
    if parts:
        fields["year"] = f"{{{parts[0]:04}}}"
    if len(parts) > 1:
        fields["month"] = _MONTHS[parts[1] - 1]
    verbatim = {"doi": item.identifier("doi"), "pmid": item.identifier("pmid"), "pmcid": item.identifier("pmcid")}
    for name, value in (verbatim | {"url": item.link}).items():
        if value:
            fields[name] = "{" + line(value).replace("{", "%7B").replace("}", "%7D") + "}"
    fields["x-impact"] = "{" + _untouched(carried(item, _plain(item.title), _plain(item.abstract))) + "}"
    body = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
    return f"@{TYPES.get(item.kind, 'misc')}{{{_key(item)},\n{body}\n}}\n\n".encode()


def _key(item: Exported) -> str:
    first = folded(surname(item.creators[0])) if item.creators else ""
    name = re.sub(r"[^a-z0-9]", "", first)
    return f"{name or 'item'}{(item.published_on or '')[:4]}_{item.id[-8:]}"


def _text(text: str | None, *, escaped: bool = False) -> str:
    kept = line(text)
    return "{" + (kept if escaped or not _TEX.search(kept) else kept.translate(_ESCAPED)) + "}"


def _names(item: Exported, names: Sequence[str]) -> str:
    """`Okoro, Ada and ...`; what is in one piece stands in braces, so that no program takes it apart."""
    kept = [(line(name).translate(_ESCAPED), item.family_and_given(name)) for name in names]
    return " and ".join(text if parts and " and " not in text.lower() else f"{{{text}}}" for text, parts in kept)


def _plain(text: str) -> str | None:
    kept = line(text)
    return None if _READ_OTHERWISE.search(kept) else kept


def _untouched(more: Mapping[str, Any]) -> str:
    """JSON whose texts hold nothing that ends a field or begins an entry: its braces always balance."""
    text = marked(more)
    if not _RISKY.search(text) and text.count("{") == text.count("}") == _objects(more):
        return text

    def hidden(found: re.Match[str]) -> str:
        return re.sub(r"[{}@%#]", lambda each: f"\\u{ord(each[0]):04x}", found[0])

    return re.sub(r'"(?:[^"\\]|\\.)*"', hidden, text)


def _objects(value: Any) -> int:
    """How many braces JSON opens for it."""
    if isinstance(value, Mapping):
        return 1 + sum(map(_objects, cast("Mapping[str, Any]", value).values()))
    return sum(map(_objects, cast("list[Any]", value))) if isinstance(value, list) else 0
