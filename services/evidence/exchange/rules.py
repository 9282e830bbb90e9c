"""What a RIS record says, as a work of research; or why it cannot be taken."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError

from services.evidence.exchange.ris import LONGEST_RECORD, Record
from services.evidence.items.descriptions import Research
from services.evidence.items.identifiers import normalised
from shared.problems import Invalid, NotFound, Problem


class ImportNotFound(NotFound):
    detail = "No import with this id was found. The list is at /v1/imports."


class EmptyFile(Invalid):
    title = "This file is empty"
    detail = "There is nothing in it to import. Export it again from where it comes from, and send it once more."


class UnknownFormat(Invalid):
    title = "This format is not read yet"
    detail = "Save the references as RIS (most programs export it) and send that file."


class FileTooLarge(Problem):
    status = 413
    title = "This file is larger than can be taken at once"
    detail = "Send it in parts of at most 500 MB. Records that come twice are only matched."


LARGEST_FILE = 500 * 1024 * 1024
LONGEST_NAME = 200
NOT_RIS = (
    "No record was found: in a RIS file each begins with a line 'TY  - '. Export the references as RIS from the "
    "program or database that they come from, and import that file."
)
WEB_OF_SCIENCE = (
    "This is Web of Science's own plain text format. Export the records from there once more and choose RIS."
)

KINDS = {
    **dict.fromkeys(("JOUR", "JFULL", "EJOUR", "MGZN", "NEWS", "INPR", "ABST"), "journal_article"),
    **dict.fromkeys(("BOOK", "EBOOK", "EDBOOK"), "book"),
    **dict.fromkeys(("CHAP", "ECHAP"), "chapter"),
    **dict.fromkeys(("RPRT", "GOVDOC", "STAND", "UNPB", "GRNT"), "report"),
    "THES": "thesis",
    **dict.fromkeys(("CONF", "CPAPER"), "conference_paper"),
    **dict.fromkeys(("ELEC", "WEB", "BLOG"), "web_page"),
    **dict.fromkeys(("DATA", "DBASE", "AGGR"), "dataset"),
}
LANGUAGES = {
    **dict.fromkeys(("en", "eng", "english"), "en"),
    **dict.fromkeys(("cy", "cym", "wel", "welsh"), "cy"),
    **dict.fromkeys(("de", "ger", "deu", "german"), "de"),
    **dict.fromkeys(("fr", "fre", "fra", "french"), "fr"),
    **dict.fromkeys(("es", "spa", "spanish"), "es"),
    **dict.fromkeys(("it", "ita", "italian"), "it"),
    **dict.fromkeys(("nl", "dut", "nld", "dutch"), "nl"),
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
LONGEST_LINE = 300


def understand(record: Record) -> Research | str:
    """The work, or the reason in plain words why it cannot be taken."""
    if record.too_long:
        return f"The record is longer than {LONGEST_RECORD // 1024} KB, or holds a line that never ends."
    says = _Says(record)
    title = says.one("TI", "T1", "CT", "BT", "ST", "TT")
    if not title:
        return "It has no title (TI or T1)."
    try:
        return Research.model_validate({"way_of_knowing": "research", "title": title, **_described(says)})
    except ValidationError as wrong:
        return "; ".join(f"{_place(error['loc'])}: {error['msg']}" for error in wrong.errors()[:3])


def _described(says: "_Says") -> dict[str, Any]:
    start, end = says.one("SP"), says.one("EP")
    return {
        "summary": says.one("AB", "N2") or "",
        "kind": KINDS.get((says.one("TY") or "").upper(), "other"),
        "authors": says.all("AU", "A1"),
        "editors": says.all("ED", "A2"),
        "published_in": says.line("T2", "JF", "JO", "JA", "J2"),
        "published_on": published_on(says),
        "volume": says.line("VL"),
        "issue": says.line("IS"),
        "pages": f"{start}-{end}"[:LONGEST_LINE] if start and end and "-" not in start else start,
        "publisher": says.line("PB"),
        "keywords": says.all("KW", "K1")[:1_000],
        "language": LANGUAGES.get((says.one("LA") or "").lower(), "en"),
        "identifiers": identifiers(says),
        "url": next((url for url in says.urls("UR", "L2", "L1", "LK") if len(url) <= 2_000), None),
    }


class _Says:
    """A record's fields, asked by the tags that may hold one thing, the best first."""

    def __init__(self, record: Record) -> None:
        self.fields = record.fields

    def one(self, *tags: str) -> str | None:
        return next((value for tag in tags for value in self.fields.get(tag, ()) if value), None)

    def line(self, *tags: str) -> str | None:
        value = self.one(*tags)
        return " ".join(value.split())[:LONGEST_LINE] if value else None

    def all(self, *tags: str) -> list[str]:
        values = (" ".join(value.split())[:LONGEST_LINE] for tag in tags for value in self.fields.get(tag, ()))
        return list(dict.fromkeys(value for value in values if value))

    def urls(self, *tags: str) -> Iterable[str]:
        for tag in tags:
            for value in self.fields.get(tag, ()):
                yield from re.findall(r"https?://[^\s;]+", value)


def published_on(says: "_Says") -> str | None:
    """Year, month or day. `PY` says the year; a date of the same year may say more."""
    dates = [
        date for tag in ("PY", "Y1", "YR", "DA") for value in says.fields.get(tag, ()) if (date := partial_date(value))
    ]
    if not dates:
        return None
    return max((date for date in dates if date[:4] == dates[0][:4]), key=len)


def partial_date(text: str) -> str | None:
    """`1948/07//`, `2019-8-29`, `2018 Mar 1`, `1 March 2018`, `Spring 2010`; None where there is no year."""
    found = re.search(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)", text)
    if found is None:
        return None
    year, rest = found[1], text[found.end() :]
    if numbers := re.match(r"[/-](\d{1,2})(?:[/-](\d{1,2}))?(?!\d)", rest):
        return _dated(year, int(numbers[1]), int(numbers[2] or 0))
    around = f"{text[: found.start()]} {rest}"
    if named := re.search(r"\b(" + "|".join(MONTHS) + r")[a-z]*\b", around.lower()):
        day = re.search(r"(?<!\d)(\d{1,2})(?!\d)", around)
        return _dated(year, MONTHS.index(named[1]) + 1, int(day[1]) if day else 0)
    return year


def _dated(year: str, month: int, day: int) -> str:
    if not 1 <= month <= 12:
        return year
    return f"{year}-{month:02}-{day:02}" if 1 <= day <= 31 else f"{year}-{month:02}"


def identifiers(says: "_Says") -> list[dict[str, str]]:
    """Every identifier that the record states, each once."""
    found: dict[tuple[str, str], None] = {}

    def note(scheme: str, texts: Iterable[str]) -> None:
        for text in texts:
            if value := normalised(scheme, text):
                found[scheme, value] = None

    fields = says.fields
    links: Sequence[str] = list(says.urls("UR", "L2", "L1", "LK"))
    note("doi", fields.get("DO", ()) or fields.get("DI", ()))
    if not found:
        note("doi", [link for link in links if "doi.org/" in link])
    note(
        "pmid",
        [
            link.rstrip("/").rpartition("/")[2]
            for link in links
            if re.search(r"ncbi\.nlm\.nih\.gov/(pubmed/)?\d+/?$", link)
        ],
    )
    source = " ".join((*fields.get("DB", ()), *fields.get("DP", ()))).lower()
    if re.search(r"\b(pubmed|medline|nlm)\b", source):
        note("pmid", [number for number in fields.get("AN", ()) if number.isdigit()])
    note(
        "wos",
        [number for number in (*fields.get("UT", ()), *fields.get("AN", ())) if number.upper().startswith("WOS:")],
    )
    for serial in fields.get("SN", ()):
        note("isbn", [serial]) if normalised("isbn", serial) else note("issn", [serial])
    return [{"scheme": scheme, "value": value} for scheme, value in found][:50]


def _place(path: tuple[int | str, ...]) -> str:
    return str(path[0]) if path else "record"


def not_ris(beginning: bytes) -> str:
    """What to do about a file without a single record, by how it begins."""
    return WEB_OF_SCIENCE if beginning.lstrip(b"\xef\xbb\xbf \r\n").startswith((b"FN ", b"PT ")) else NOT_RIS


def problems(problem: str | None, strays: int) -> list[str]:
    """What a person should know of an import beyond its counts."""
    told = [problem] if problem else []
    if strays and not problem:
        told.append(
            "1 line that belonged to no record was passed over."
            if strays == 1
            else f"{strays} lines that belonged to no record were passed over."
        )
    return told
