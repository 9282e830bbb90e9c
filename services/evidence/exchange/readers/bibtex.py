"""BibTeX. An entry ends where the next begins, so an unclosed brace costs one entry and no more."""

import logging
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import cast

from bibtexparser.library import Library
from bibtexparser.model import Entry, ParsingFailedBlock
from bibtexparser.splitter import Splitter
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexWalkerError

from services.evidence.exchange.readers.cutting import Cutter
from services.evidence.exchange.readers.fields import person_names
from services.evidence.exchange.readers.nbib import whole_pages
from services.evidence.exchange.readers.records import Record, Says, Start, decoded

KINDS = {
    "article": "journal_article",
    **dict.fromkeys(("book", "proceedings", "collection", "mvbook", "periodical"), "book"),
    **dict.fromkeys(("inbook", "incollection", "suppbook"), "chapter"),
    **dict.fromkeys(("techreport", "report", "manual", "unpublished"), "report"),
    **dict.fromkeys(("phdthesis", "mastersthesis", "thesis", "bachelorthesis"), "thesis"),
    **dict.fromkeys(("inproceedings", "conference"), "conference_paper"),
    **dict.fromkeys(("online", "electronic", "www"), "web_page"),
    "dataset": "dataset",
}
_BEGIN = re.compile(
    rb"(?:\A|(?<=[\n\r}])|(?<=}[,;]))[ \t]{0,17}(?:\xef\xbb\xbf){0,2}@[ \t]{0,4}([A-Za-z]{2,30})[ \t]{0,4}[{(]"
)
_NO_RECORDS = frozenset({"comment", "preamble", "string"})
_IN_BRACKETS = _NO_RECORDS | KINDS.keys() | {"misc"}
"""Entries that may stand in round brackets: another word with one behind it is a text's (`@smith (2019)`)."""
_STRING = re.compile(rb"@string\s*[{(]\s*([\w-]+)\s*=\s*[{\"]([^{}\"]*)[}\"]", re.IGNORECASE)
_FIELD = re.compile(r"(?:^|[,\n])[ \t]*([A-Za-z][\w.:+-]{0,60})[ \t]*=[ \t]*", re.MULTILINE)
_PIECE = re.compile(
    r'\s*(?:"(?P<quoted>[^"{}]*)"|\{(?P<braced>[^{}]*)\}|(?P<word>[^\s"{}#,=]+))\s*(?:#(?=.)|\Z)', re.DOTALL
)
_HEAD = re.compile(r"\s*\ufeff{0,2}@\s*(\w+)\s*[{(]\s*([^,={}\"]*),?")
_ACCENT = re.compile(r"""(?<!\\)\\(?:[`'^"~=.](?:\{\\?[A-Za-z]\}|[A-Za-z])|[cvuHkr]\{[A-Za-z]\})""")
_ESCAPED = re.compile(r"\\([&%#_${}])")
_NEEDS_LATEX = re.compile(r"\\(?![&%#_${}])|(?<!\\)[%$~&#]|``|''|--|[?!]`")
"""What means something to LaTeX beyond one character: of a long text, to ask it takes tens of milliseconds."""
_BETWEEN_COMMAS = re.compile(r"(?:\([^()]*\)|[^,\n])+")
"""A comma in brackets is part of what stands there."""
_NO_LATEX = (LatexWalkerError, ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What its reader raises over a command without its arguments, among others."""
_latex = LatexNodes2Text(math_mode="verbatim", keep_comments=True, strict_latex_spaces=False)

# What they log holds the text of the record.
for _name_of_logger in ("bibtexparser", "pylatexenc"):
    logging.getLogger(_name_of_logger).setLevel(logging.CRITICAL)

Fields = dict[str, str]


class Reader(Cutter):
    def __init__(self, start: Start) -> None:
        super().__init__(start, _BEGIN)
        self._macros = {name.decode().lower(): decoded(value) for name, value in _STRING.findall(start.beginning)}

    def _step(self, found: re.Match[bytes]) -> Iterator[Record]:
        kind = found[1].decode().lower()
        if found[0].endswith(b"(") and kind not in _IN_BRACKETS:
            return
        yield from self._close(found.start())
        if kind not in _NO_RECORDS:
            self._open(found.start())

    def _parsed(self, record: Record, content: bytes) -> Record:
        text = decoded(content).strip().lstrip("\ufeff")
        record.fields = _fields(text, self._macros)
        if not record.fields:
            record.broken = "It has no fields that could be read."
        return record


def _fields(text: str, macros: Mapping[str, str]) -> Fields:
    """By name in lower case; `entry` and `key` too. As the library reads them, or else line by line."""
    entry = _entry(Splitter(text).split())
    if entry is not None and entry.fields:
        told: Fields = {"entry": entry.entry_type.lower(), "key": entry.key}
        for one in entry.fields:
            told.setdefault(" ".join(one.key.lower().split()), _meant(str(one.value), macros))
        return told
    return _by_lines(text, macros)


def _entry(library: Library) -> Entry | None:
    """The first one, also where it has a field twice."""
    for block in (*library.entries, *library.failed_blocks):
        kept = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        if isinstance(kept, Entry):
            return kept
    return None


def _by_lines(text: str, macros: Mapping[str, str]) -> Fields:
    head = _HEAD.match(text)
    found = list(_FIELD.finditer(text, head.end() - 1 if head else 0))
    told: Fields = {"entry": head[1].lower(), "key": head[2].strip()} if head and found else {}
    ends = [*(field.start() for field in found[1:]), len(text)]
    for field, end in zip(found, ends, strict=False):
        value = text[field.end() : end].strip().rstrip(",").rstrip()
        if end == len(text):
            value = re.sub(r"[})]\s*\Z", "", value).rstrip().rstrip(",")
        told.setdefault(field[1].lower(), _meant(value, macros))
    return told


def _meant(value: str, macros: Mapping[str, str]) -> str:
    """`jcs`, `"Care " # jcs`: with what a `@string` of the file says. What stands in braces or quotes is itself."""
    value = value.strip()
    pieces: list[str] = []
    at = 0
    while found := _PIECE.match(value, at):
        word = found["word"]
        pieces.append(macros.get(word.lower(), word) if word else found["quoted"] or found["braced"] or "")
        at = found.end()
        if at == len(value):
            return "".join(pieces)
    return _enclosed(value)


def _enclosed(value: str) -> str:
    """Without the braces or quotes around it."""
    value = value.strip()
    if value[:1] == "{":
        return value[1:-1] if value[-1:] == "}" else value[1:]
    if value[:1] == '"':
        return value[1:-1] if value[-1:] == '"' and len(value) > 1 else value[1:]
    return value


def reader(start: Start) -> Reader:
    return Reader(start)


def head(beginning: bytes) -> bytes:
    return b"".join(b"@string{%s = {%s}}\n" % told for told in _STRING.findall(beginning))


def plain(value: str) -> str:
    """Without LaTeX: its accents as letters, its braces gone."""
    if "\\" in value:
        value = _ACCENT.sub(lambda accent: _letter(accent[0]), value)
    if "\\" in value and not _NEEDS_LATEX.search(value):
        value = _ESCAPED.sub(r"\1", value)
    elif "\\" in value:
        try:
            value = cast("str", _latex.latex_to_text(value))
        except _NO_LATEX:
            value = value.replace("\\", "")
    if "{" in value or "}" in value:
        value = value.replace("{", "").replace("}", "")
    return value


@lru_cache(maxsize=1_000)
def _letter(accent: str) -> str:
    return cast("str", _latex.latex_to_text(accent))


def names(value: str) -> list[str]:
    """Of a list with `and` between: braces hold a name together, or one that has an `and` of its own."""
    found: list[str] = []
    depth, begin = 0, 0
    value = " ".join(value.split())
    for token in re.finditer(r"[{}]| and ", value):
        if token[0] == "{":
            depth += 1
        elif token[0] == "}":
            depth -= 1
        elif depth <= 0:
            found.append(value[begin : token.start()])
            begin = token.end()
    return [name for one in (*found, value[begin:]) if (name := _name(one.strip())) and name.lower() != "others"]


def _name(value: str) -> str:
    told = plain(value).strip()
    return told if value.startswith("{") and value.endswith("}") else person_names.of_given_first(told)


def describe(fields: Fields) -> Says:
    def said(*wanted: str) -> str | None:
        return next((plain(fields[name]) for name in wanted if fields.get(name, "").strip()), None)

    kept = fields.get("x-impact")
    return {
        "title": said("title"),
        "summary": said("abstract"),
        "kind": KINDS.get(fields.get("entry", ""), "other"),
        "authors": names(fields.get("author", "")),
        "editors": names(fields.get("editor", "")),
        "published_in": said("journal", "journaltitle", "booktitle", "series", "howpublished"),
        "dates": [text for text in (said("year"), said("date"), _dated(said("year"), fields)) if text],
        "volume": said("volume"),
        "issue": said("number", "issue"),
        "pages": _pages(said("pages", "article-number", "art_number")),
        "publisher": said("publisher", "school", "institution", "organization"),
        "keywords": _keywords(said("keywords", "key words", "author_keywords", "keyword") or ""),
        "language": said("language", "langid"),
        "identifiers": _identifiers(fields),
        "links": [fields[name].replace("\\", "") for name in ("url", "link", "howpublished") if name in fields],
        "kept": [_enclosed(kept) if kept.startswith("{{") else kept] if kept else [],
    }


def _dated(year: str | None, fields: Fields) -> str | None:
    month = fields.get("month")
    if not (year and month):
        return None
    number = month.strip()
    return f"{year}-{number}" if number.isdigit() else f"{fields.get('day', '')} {month} {year}"


def _pages(value: str | None) -> str | None:
    return whole_pages(re.sub(r" ?(?:-+|\u2013|\u2014) ?", "-", " ".join(value.split()))) if value else None


def _keywords(value: str) -> list[str]:
    listed = re.split(r"[;\n]", value) if ";" in value else _BETWEEN_COMMAS.findall(value)
    return [word for word in listed if word.strip()]


def _identifiers(fields: Fields) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if doi := fields.get("doi"):
        found.append(("doi", doi.replace("\\", "").replace("{", "").replace("}", "")))
    elif "doi.org/" in (link := fields.get("url", "")):
        found.append(("doi", link.replace("\\", "")))
    for name in ("pmid", "pmcid"):
        found += [(name, fields[name])] if name in fields else []
    key = fields.get("key", "")
    if key[:5].upper() == "PMID:":
        found.append(("pmid", key[5:]))
    if note := re.search(r"PMID:\s*(\d+)", fields.get("note", "")):
        found.append(("pmid", note[1]))
    for value in (fields.get("unique-id", "").strip("{}"), key):
        if value.strip()[:4].upper() == "WOS:":
            found.append(("wos", value.strip()))
    for name in ("issn", "isbn", "eissn"):
        found += [("serial", one) for one in re.split(r"[;,/]", fields.get(name, "")) if one.strip()]
    return found
