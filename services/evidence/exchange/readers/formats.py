"""The formats that are read, by name, and how a file tells which one it is."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.evidence.exchange.readers import (
    bibtex,
    csl,
    endnote,
    endnote_xml,
    jats,
    nbib,
    pubmed,
    ris,
    table,
    wos,
)
from services.evidence.exchange.readers.heading import Heading
from services.evidence.exchange.readers.records import LOOKED_AT, Reader, Says, Start, decoded, unmarked
from services.evidence.exchange.readers.rules import UnknownFormat, UnsafeFile, WrongFormat


@dataclass(frozen=True, slots=True)
class Format:
    """How a format's records are cut out of a file, and what one of them says."""

    name: str
    called: str
    reader: Callable[[Start], Reader]
    describe: Callable[[Any], Says]
    ending: str
    """Of a file's name."""
    head: Callable[[bytes], bytes] = lambda beginning: b""
    """Of a file that begins like this: what its records need before them to be understood."""


FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format("ris", "RIS", ris.reader, ris.describe, "ris"),
        Format("bibtex", "BibTeX", bibtex.reader, bibtex.describe, "bib", bibtex.head),
        Format("csl-json", "CSL-JSON", csl.reader, csl.describe, "json"),
        Format("csv", "a table (CSV)", table.reader, table.describe, "csv", table.head),
        Format("pubmed", "PubMed's own format", nbib.reader, nbib.describe, "nbib"),
        Format("pubmed-xml", "PubMed's XML", pubmed.reader, pubmed.describe, "xml", pubmed.head),
        Format("jats", "JATS", jats.reader, jats.describe, "xml", jats.head),
        Format("endnote", "EndNote's own format", endnote.reader, endnote.describe, "enw"),
        Format("endnote-xml", "EndNote's XML", endnote_xml.reader, endnote_xml.describe, "xml", endnote_xml.head),
        Format("web-of-science", "Web of Science's own format", wos.reader, wos.describe, "txt"),
    )
}
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
_TAGS = {
    "ris": re.compile(rb"(?:\A|[\r\n])(?:\xef\xbb\xbf)?TY[ \t]{0,4}-"),
    "pubmed": re.compile(rb"(?:\A|[\r\n])(?:PMID|OWN)[ \t]{0,4}-[ \t]"),
    "endnote": re.compile(rb"(?:\A|[\r\n])%[0AT] \S"),
    "web-of-science": re.compile(rb"(?:\A|[\r\n])(?:FN (?:Clarivate|Thomson|ISI)|PT [A-Z](?:\r|\n))"),
    "bibtex": re.compile(rb"(?:\A|[\r\n])[ \t]*@[ \t]*[A-Za-z]{2,30}[ \t]*[{(]"),
}
_ROOTS = {
    "pubmed-xml": re.compile(rb"<(?:\w{1,20}:)?(?:PubmedArticleSet|PubmedArticle|PubmedBookArticle)[\s>]"),
    "endnote-xml": re.compile(rb"<(?:xml>\s*)?<?records>|<record>\s*<(?:database|source-app|ref-type|rec-number)"),
    "jats": re.compile(rb"<(?:\w{1,20}:)?(?:article|articles|pmc-articleset)[\s>]"),
}
_JSON = re.compile(rb"\{\s*[\"}]|\[\s*[\[{\]]|[\[{]\s*\Z")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
FEWEST_COLUMNS = 2


def of_file(beginning: bytes, said: str = "") -> Format:
    """The format of a file that begins like this. What it says of itself goes before what its sender said of it.

    Raises UnsafeFile, UnknownFormat or WrongFormat.
    """
    start = unmarked(beginning[:LOOKED_AT]).lstrip()
    wanted = _named(said)
    for signature, what in CONTAINERS:
        if start.startswith(signature):
            raise UnknownFormat(what=f"{what} References can be read from plain text alone.")
    if start.startswith(b"<"):
        _check_safe(start)
    told = tell(start)
    if wanted and told and told.name != wanted.name:
        raise WrongFormat(said=wanted.called, looks=told.called)
    found = told or wanted
    if found is None:
        raise UnknownFormat(what=_what(start))
    return found


def tell(start: bytes) -> Format | None:
    """By its content alone; None where that does not tell."""
    if _JSON.match(start):
        return FORMATS["csl-json"]
    if start.startswith(b"<"):
        return _first_of(_ROOTS, start)
    if found := _first_of(_TAGS, start):
        return found
    heading = Heading(start)
    known = heading.known
    is_table = "title" in heading.names or known >= FEWEST_COLUMNS
    return FORMATS["csv"] if known and is_table else None


def _first_of(patterns: Mapping[str, re.Pattern[bytes]], start: bytes) -> Format | None:
    """The one that stands nearest to the beginning."""
    places = {name: found.start() for name, pattern in patterns.items() if (found := pattern.search(start))}
    return FORMATS[min(places, key=places.__getitem__)] if places else None


def _check_safe(start: bytes) -> None:
    if re.search(rb"<!ENTITY", start, re.IGNORECASE):
        raise UnsafeFile(what="It declares entities of its own, which can make a small file fill a computer's memory.")


def _named(said: str) -> Format | None:
    name = said.strip().lower()
    if not name:
        return None
    found = FORMATS.get(ALIASES.get(name, name))
    if found is None:
        raise UnknownFormat(what=f"`{name[:40]}` is none of: {', '.join(FORMATS)}.", pointer="/format")
    return found


def _what(start: bytes) -> str:
    if _HTML.search(start[:1_000]):
        return "It is a web page."
    if start.startswith(b"<"):
        return "It is XML, but neither PubMed's nor JATS nor EndNote's."
    if b"\0" in start[:1_000] or not decoded(start[:1_000]).strip():
        return "There is no text in it that could be read."
    return "It could not be told which format it is in; if you know, name it in `format`."
