"""The formats that are read, by name, and their detection from the beginning of a file."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.evidence.exchange.readers.bibtex import fields as bibtex
from services.evidence.exchange.readers.bibtex import reader as bibtex_reader
from services.evidence.exchange.readers.bibtex.context import BibtexContextCollector
from services.evidence.exchange.readers.encodings import decode, strip_bom
from services.evidence.exchange.readers.json import csl, datacite, openalex
from services.evidence.exchange.readers.records import (
    MAX_SNIFFED_BYTES,
    ContextCollector,
    ParsedFields,
    ReaderStart,
    RecordReader,
)
from services.evidence.exchange.readers.rules import UnknownFormat, UnsafeFile, WrongFormat
from services.evidence.exchange.readers.tables import table
from services.evidence.exchange.readers.tables.heading import TableHeading
from services.evidence.exchange.readers.tagged import endnote, medline, ovid, refworks, ris, web_of_science
from services.evidence.exchange.readers.xml import endnote_xml, jats, pubmed


@dataclass(frozen=True, slots=True)
class SourceFormat:
    """How a file of a format is cut into records, and a record's fields are parsed."""

    name: str
    label: str
    create_reader: Callable[[ReaderStart], RecordReader]
    parse_fields: Callable[[Any], ParsedFields]
    """Takes the fields of a record as the format's own reader makes them."""
    extension: str
    """The extension of file names."""
    file_header: Callable[[bytes], bytes] = lambda _: b""
    """Returns, from the beginning of a file, its head, without which its records cannot be read."""
    has_free_names: bool = False
    """Whether names are written as the program likes, so that the whole file has to show where their surname is."""
    create_context_collector: Callable[[], ContextCollector] | None = None
    """Creates what collects from a whole file what its records refer to, for `ReaderStart.context`."""


_FORMATS = (
    SourceFormat("ris", "RIS", ris.create_reader, ris.parse_fields, "ris", has_free_names=True),
    SourceFormat(
        "bibtex",
        "BibTeX",
        bibtex_reader.create_reader,
        bibtex.parse_fields,
        "bib",
        bibtex_reader.file_header,
        create_context_collector=BibtexContextCollector,
    ),
    SourceFormat("csl-json", "CSL-JSON", csl.create_reader, csl.parse_fields, "json"),
    SourceFormat("csv", "a table (CSV)", table.create_reader, table.parse_fields, "csv", table.file_header, True),
    SourceFormat("pubmed", "PubMed's own format", medline.create_reader, medline.parse_fields, "nbib"),
    SourceFormat("pubmed-xml", "PubMed's XML", pubmed.create_reader, pubmed.parse_fields, "xml", pubmed.file_header),
    SourceFormat("jats", "JATS", jats.create_reader, jats.parse_fields, "xml", jats.file_header),
    SourceFormat(
        "endnote", "EndNote's own format", endnote.create_reader, endnote.parse_fields, "enw", has_free_names=True
    ),
    SourceFormat(
        "endnote-xml",
        "EndNote's XML",
        endnote_xml.create_reader,
        endnote_xml.parse_fields,
        "xml",
        endnote_xml.file_header,
        has_free_names=True,
    ),
    SourceFormat(
        "web-of-science",
        "Web of Science's own format",
        web_of_science.create_reader,
        web_of_science.parse_fields,
        "txt",
    ),
    SourceFormat("openalex", "OpenAlex's JSON", openalex.create_reader, openalex.parse_fields, "json"),
    SourceFormat("datacite", "DataCite's JSON", datacite.create_reader, datacite.parse_fields, "json"),
    SourceFormat(
        "refworks", "RefWorks's own format", refworks.create_reader, refworks.parse_fields, "txt", has_free_names=True
    ),
    SourceFormat("ovid", "Ovid's own format", ovid.create_reader, ovid.parse_fields, "txt", has_free_names=True),
)
FORMATS: Mapping[str, SourceFormat] = {source_format.name: source_format for source_format in _FORMATS}
ALIASES = {
    "bib": "bibtex",
    "json": "csl-json",
    "csl": "csl-json",
    "tsv": "csv",
    "nbib": "pubmed",
    "medline": "pubmed",
    "enl": "endnote",
    "wos": "web-of-science",
}
CONTAINERS = (
    (b"PK\x03\x04", "It is a ZIP archive, or a workbook or document of an office program."),
    (b"%PDF", "It is a PDF."),
    (b"\x1f\x8b", "It is compressed (gzip)."),
    (b"BZh", "It is compressed (bzip2)."),
    (b"\xfd7zXZ", "It is compressed (xz)."),
    (b"(\xb5/\xfd", "It is compressed (zstd)."),
    (b"7z\xbc\xaf", "It is an archive (7z)."),
    (b"Rar!", "It is an archive (RAR)."),
    (b"\xd0\xcf\x11\xe0", "It is a document of an older office program."),
    (b"\x7fELF", "It is a program."),
    (b"MZ\x90", "It is a program."),
)
_TAG_PATTERNS = {
    "ris": re.compile(rb"(?:\A|[\r\n])(?:\xef\xbb\xbf)?TY[ \t]{0,4}-"),
    "pubmed": re.compile(rb"(?:\A|[\r\n])(?:PMID|OWN)[ \t]{0,4}-[ \t]"),
    "endnote": re.compile(rb"(?:\A|[\r\n])%[0AT] \S"),
    "web-of-science": re.compile(rb"(?:\A|[\r\n])(?:FN (?:Clarivate|Thomson|ISI)|PT [A-Z](?:\r|\n))"),
    "refworks": re.compile(rb"(?:\A|[\r\n])RT [A-Z][a-z][^\r\n]{2,40}\r?\n(?:SR|ID|A1|T1|UL|AU|YR) "),
    "ovid": re.compile(rb"(?:\A|[\r\n])VN {0,3}- {1,3}Ovid Technologies"),
    "bibtex": re.compile(rb"(?:\A|[\r\n])[ \t]*@[ \t]*[A-Za-z]{2,30}[ \t]*[{(]"),
}
_ROOT_PATTERNS = {
    "pubmed-xml": re.compile(rb"<(?:\w{1,20}:)?(?:PubmedArticleSet|PubmedArticle|PubmedBookArticle)[\s>]"),
    "endnote-xml": re.compile(rb"<(?:xml>\s*)?<?records>|<record>\s*<(?:database|source-app|ref-type|rec-number)"),
    "jats": re.compile(rb"<(?:\w{1,20}:)?(?:article|articles|pmc-articleset)[\s>]"),
}
_JSON_SIGNS = {"openalex": openalex.SIGN, "datacite": datacite.SIGN}
_OTHER_JSON = {
    "Zotero's own JSON rather than CSL JSON": re.compile(rb'"itemType"\s*:\s*"'),
    "JSON of Europe PMC": re.compile(rb'"resultList"\s*:\s*\{'),
    "JSON of The Lens": re.compile(rb'"lens_id"\s*:'),
    "JSON-LD rather than CSL JSON": re.compile(rb'"@(?:context|graph)"\s*:'),
}
"""What is not CSL-JSON, by a sign of it."""
_JSON = re.compile(rb"\{\s*[\"}]|\[\s*[\[{\]]|[\[{]\s*\Z")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)


def detect_format(beginning: bytes, requested: str = "") -> SourceFormat:
    """Return the format of a file with this beginning. What its content shows counts more than what its sender named.

    Raises UnsafeFile, UnknownFormat or WrongFormat.
    """
    start = strip_bom(beginning[:MAX_SNIFFED_BYTES]).lstrip()
    requested_format = _format_named(requested)
    for signature, description in CONTAINERS:
        if start.startswith(signature):
            raise UnknownFormat(what=f"{description} Only plain text can be read.")
    if start.startswith(b"<"):
        _check_safe(start)
    detected_format = _sniff(start)
    if requested_format and detected_format and detected_format.name != requested_format.name:
        raise WrongFormat(requested=requested_format.label, detected=detected_format.label)
    format = detected_format or requested_format
    if format is None:
        raise UnknownFormat(what=_describe_unknown(start))
    is_whole_file = len(beginning) < MAX_SNIFFED_BYTES
    if format.name == "csl-json" and is_whole_file and (type := csl.foreign_type(start)):
        raise UnknownFormat(what=f"It is JSON of `{type[:40]}`, which is no type of CSL-JSON.")
    return format


def _sniff(start: bytes) -> SourceFormat | None:
    """Return the format that the content shows; None if it shows none."""
    if _JSON.match(start):
        return FORMATS[_json_format(start)]
    if start.startswith(b"<") and not ovid.is_numbered(start):
        return _first_match(_ROOT_PATTERNS, start)
    if tagged := _first_match(_TAG_PATTERNS, start):
        return tagged
    if ris.is_without_type(start):
        return FORMATS["ris"]
    return FORMATS["csv"] if TableHeading(start).is_of_references else None


def _json_format(start: bytes) -> str:
    """Return the name of the format of this JSON. Raises UnknownFormat for JSON of a program that is known by it."""
    name = next((name for name, sign in _JSON_SIGNS.items() if sign.search(start)), None)
    if name is None and b'"issued"' not in start and b'"impact"' not in start:
        for description, sign in _OTHER_JSON.items():
            if sign.search(start):
                raise UnknownFormat(what=f"It is {description}.")
    return name or "csl-json"


def _first_match(patterns: Mapping[str, re.Pattern[bytes]], start: bytes) -> SourceFormat | None:
    """Return the format whose pattern matches nearest to the beginning."""
    positions = {name: match.start() for name, pattern in patterns.items() if (match := pattern.search(start))}
    return FORMATS[min(positions, key=positions.__getitem__)] if positions else None


def _check_safe(start: bytes) -> None:
    if re.search(rb"<!ENTITY", start, re.IGNORECASE):
        raise UnsafeFile(what="It declares XML entities, which can make a small file fill a computer's memory.")


def _format_named(requested: str) -> SourceFormat | None:
    name = requested.strip().lower()
    if not name:
        return None
    format = FORMATS.get(ALIASES.get(name, name))
    if format is None:
        raise UnknownFormat(what=f"`{name[:40]}` is not one of {', '.join(FORMATS)}.", pointer="/format")
    return format


def _describe_unknown(start: bytes) -> str:
    if ovid.is_numbered(start):
        return "It is Ovid's text with the names of fields. In Ovid, choose Export and the format RIS."
    if _HTML.search(start[:1_000]):
        return "It is a web page."
    if start.startswith(b"<"):
        return "It is XML, but not that of PubMed, JATS or EndNote."
    if b"\0" in start[:1_000] or not decode(start[:1_000]).strip():
        return "There is no text in it that could be read."
    return "Its format could not be detected; if you know it, name it in `format`."
