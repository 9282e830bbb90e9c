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

from services.evidence.exchange.readers.cutter import RecordCutter
from services.evidence.exchange.readers.encodings import decode
from services.evidence.exchange.readers.fields import person_names
from services.evidence.exchange.readers.fields.page_ranges import expand_page_range
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart, SourceRecord

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
_NON_RECORDS = frozenset({"comment", "preamble", "string"})
_IN_PARENTHESES = _NON_RECORDS | KINDS.keys() | {"misc"}
"""Entry types that may be delimited by parentheses; any other word before one is part of a text (`@smith (2019)`)."""
_STRING = re.compile(rb"@string\s*[{(]\s*([\w-]+)\s*=\s*[{\"]([^{}\"]*)[}\"]", re.IGNORECASE)
_FIELD = re.compile(r"(?:^|[,\n])[ \t]*([A-Za-z][\w.:+-]{0,60})[ \t]*=[ \t]*", re.MULTILINE)
_PIECE = re.compile(
    r'\s*(?:"(?P<quoted>[^"{}]*)"|\{(?P<braced>[^{}]*)\}|(?P<macro>[^\s"{}#,=]+))\s*(?:#(?=.)|\Z)', re.DOTALL
)
_HEAD = re.compile(r"\s*\ufeff{0,2}@\s*(\w+)\s*[{(]\s*([^,={}\"]*),?")
_ACCENT = re.compile(r"""(?<!\\)\\(?:[`'^"~=.](?:\{\\?[A-Za-z]\}|[A-Za-z])|[cvuHkr]\{[A-Za-z]\})""")
_ESCAPED = re.compile(r"\\([&%#_${}])")
_NEEDS_LATEX = re.compile(r"\\(?![&%#_${}])|(?<!\\)[%$~&#]|``|''|--|[?!]`")
"""What only LaTeX's parser can read. It takes tens of milliseconds, so any other text is read without it."""
_BETWEEN_COMMAS = re.compile(r"(?:\([^()]*\)|[^,\n])+")
"""A comma within brackets does not separate."""
_LATEX_ERRORS = (LatexWalkerError, ValueError, LookupError, AttributeError, TypeError, RecursionError)
"""What its parser raises, for example for a command without its arguments."""
_latex = LatexNodes2Text(math_mode="verbatim", keep_comments=True, strict_latex_spaces=False)

# Their log messages quote the text of the record.
for _logger_name in ("bibtexparser", "pylatexenc"):
    logging.getLogger(_logger_name).setLevel(logging.CRITICAL)

Fields = dict[str, str]


class BibtexReader(RecordCutter):
    """A `RecordReader` of entries, with the abbreviations (`@string`) from the beginning of the file."""

    def __init__(self, start: ReaderStart) -> None:
        super().__init__(start, _BEGIN)
        self._macros = {name.decode().lower(): decode(value) for name, value in _STRING.findall(start.beginning)}

    def _step(self, token: re.Match[bytes]) -> Iterator[SourceRecord]:
        kind = token[1].decode().lower()
        if token[0].endswith(b"(") and kind not in _IN_PARENTHESES:
            return
        yield from self._close(token.start())
        if kind not in _NON_RECORDS:
            self._open(token.start())

    def _parse(self, record: SourceRecord, content: bytes) -> SourceRecord:
        text = decode(content).strip().lstrip("\ufeff")
        record.fields = _parse_entry(text, self._macros)
        if not record.fields:
            record.error = "It has no fields that could be read."
        return record


def _parse_entry(text: str, macros: Mapping[str, str]) -> Fields:
    """Return the fields by name in lower case, with `entry` (its type) and `key`.

    bibtexparser reads the entry; what it cannot read is read line by line.
    """
    entry = _first_entry(Splitter(text).split())
    if entry is not None and entry.fields:
        fields: Fields = {"entry": entry.entry_type.lower(), "key": entry.key}
        for field in entry.fields:
            fields.setdefault(" ".join(field.key.lower().split()), _expand(str(field.value), macros))
        return fields
    return _parse_lines(text, macros)


def _first_entry(library: Library) -> Entry | None:
    """Return the first entry, even if it has a field twice."""
    for block in (*library.entries, *library.failed_blocks):
        entry = block.ignore_error_block if isinstance(block, ParsingFailedBlock) else block
        if isinstance(entry, Entry):
            return entry
    return None


def _parse_lines(text: str, macros: Mapping[str, str]) -> Fields:
    head = _HEAD.match(text)
    matches = list(_FIELD.finditer(text, head.end() - 1 if head else 0))
    fields: Fields = {"entry": head[1].lower(), "key": head[2].strip()} if head and matches else {}
    ends = [*(field.start() for field in matches[1:]), len(text)]
    for field, end in zip(matches, ends, strict=False):
        value = text[field.end() : end].strip().rstrip(",").rstrip()
        if end == len(text):
            value = re.sub(r"[})]\s*\Z", "", value).rstrip().rstrip(",")
        fields.setdefault(field[1].lower(), _expand(value, macros))
    return fields


def _expand(value: str, macros: Mapping[str, str]) -> str:
    """Replace the abbreviations of the file in `jcs` or `"Care " # jcs`, and join the pieces."""
    value = value.strip()
    pieces: list[str] = []
    at = 0
    while piece := _PIECE.match(value, at):
        macro = piece["macro"]
        pieces.append(macros.get(macro.lower(), macro) if macro else piece["quoted"] or piece["braced"] or "")
        at = piece.end()
        if at == len(value):
            return "".join(pieces)
    return _strip_delimiters(value)


def _strip_delimiters(value: str) -> str:
    """Remove the braces or quotation marks around the value."""
    value = value.strip()
    if value[:1] == "{":
        return value[1:-1] if value[-1:] == "}" else value[1:]
    if value[:1] == '"':
        return value[1:-1] if value[-1:] == '"' and len(value) > 1 else value[1:]
    return value


def create_reader(start: ReaderStart) -> BibtexReader:
    return BibtexReader(start)


def file_header(beginning: bytes) -> bytes:
    """Return the abbreviations of the file."""
    return b"".join(b"@string{%s = {%s}}\n" % definition for definition in _STRING.findall(beginning))


def strip_latex(value: str) -> str:
    """Return plain text: LaTeX's accents as letters, its commands and braces removed."""
    if "\\" in value:
        value = _ACCENT.sub(lambda accent: _letter(accent[0]), value)
    if "\\" in value and not _NEEDS_LATEX.search(value):
        value = _ESCAPED.sub(r"\1", value)
    elif "\\" in value:
        try:
            value = cast("str", _latex.latex_to_text(value))
        except _LATEX_ERRORS:
            value = value.replace("\\", "")
    if "{" in value or "}" in value:
        value = value.replace("{", "").replace("}", "")
    return value


@lru_cache(maxsize=1_000)
def _letter(accent: str) -> str:
    return cast("str", _latex.latex_to_text(accent))


def split_names(value: str) -> list[str]:
    """Split a list of names at ` and ` outside braces. A name that contains an `and` is written in braces."""
    names: list[str] = []
    depth, begin = 0, 0
    value = " ".join(value.split())
    for token in re.finditer(r"[{}]| and ", value):
        if token[0] == "{":
            depth += 1
        elif token[0] == "}":
            depth -= 1
        elif depth <= 0:
            names.append(value[begin : token.start()])
            begin = token.end()
    names = [_parse_name(name.strip()) for name in (*names, value[begin:])]
    return [name for name in names if name and name.lower() != "others"]


def _parse_name(value: str) -> str:
    name = strip_latex(value).strip()
    return name if value.startswith("{") and value.endswith("}") else person_names.invert_given_first(name)


def parse_fields(fields: Fields) -> ParsedFields:
    """Return the fields of an entry by the names that may hold them, the best first."""

    def first_value(*names: str) -> str | None:
        return next((strip_latex(fields[name]) for name in names if fields.get(name, "").strip()), None)

    year = first_value("year")
    extension = fields.get("x-impact", "")
    return {
        "title": first_value("title"),
        "summary": first_value("abstract"),
        "kind": KINDS.get(fields.get("entry", ""), "other"),
        "authors": split_names(fields.get("author", "")),
        "editors": split_names(fields.get("editor", "")),
        "published_in": first_value("journal", "journaltitle", "booktitle", "series", "howpublished"),
        "dates": [date for date in (year, first_value("date"), _date(year, fields)) if date],
        "volume": first_value("volume"),
        "issue": first_value("number", "issue"),
        "pages": _pages(first_value("pages", "article-number", "art_number")),
        "publisher": first_value("publisher", "school", "institution", "organization"),
        "keywords": _keywords(first_value("keywords", "key words", "author_keywords", "keyword") or ""),
        "language": first_value("language", "langid"),
        "identifiers": _identifiers(fields),
        "links": [fields[name].replace("\\", "") for name in ("url", "link", "howpublished") if name in fields],
        "extensions": [_strip_delimiters(extension) if extension.startswith("{{") else extension] if extension else [],
    }


def _date(year: str | None, fields: Fields) -> str | None:
    month = fields.get("month")
    if not (year and month):
        return None
    number = month.strip()
    return f"{year}-{number}" if number.isdigit() else f"{fields.get('day', '')} {month} {year}"


def _pages(value: str | None) -> str | None:
    return expand_page_range(re.sub(r" ?(?:-+|\u2013|\u2014) ?", "-", " ".join(value.split()))) if value else None


def _keywords(value: str) -> list[str]:
    keywords = re.split(r"[;\n]", value) if ";" in value else _BETWEEN_COMMAS.findall(value)
    return [keyword for keyword in keywords if keyword.strip()]


def _identifiers(fields: Fields) -> list[tuple[str, str]]:
    identifiers: list[tuple[str, str]] = []
    if doi := fields.get("doi"):
        identifiers.append(("doi", doi.replace("\\", "").replace("{", "").replace("}", "")))
    elif "doi.org/" in (link := fields.get("url", "")):
        identifiers.append(("doi", link.replace("\\", "")))
    for name in ("pmid", "pmcid"):
        identifiers += [(name, fields[name])] if name in fields else []
    key = fields.get("key", "")
    if key[:5].upper() == "PMID:":
        identifiers.append(("pmid", key[5:]))
    if note := re.search(r"PMID:\s*(\d+)", fields.get("note", "")):
        identifiers.append(("pmid", note[1]))
    for value in (fields.get("unique-id", "").strip("{}"), key):
        if value.strip()[:4].upper() == "WOS:":
            identifiers.append(("wos", value.strip()))
    for name in ("issn", "isbn", "eissn"):
        identifiers += [("serial", serial) for serial in re.split(r"[;,/]", fields.get(name, "")) if serial.strip()]
    return identifiers
