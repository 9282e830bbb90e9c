"""Parses rows of retraction lists in the columns of the Retraction Watch data, as Crossref publishes it."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import ValidationError

from services.evidence.exchange.retraction_lists.csv_rows import CsvRow
from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.identifiers.rules import Name, normalised
from services.evidence.library.retraction_notices.rules import Notice

MAX_REASON_CHARACTERS, MAX_REASONS = 300, 50
MAX_QUOTE_CHARACTERS = 60
MAX_IDENTIFIER_CHARACTERS = 500
MAX_REPORTED_ERRORS = 3
DOI, PMID, NATURE = "originalpaperdoi", "originalpaperpubmedid", "retractionnature"
NATURES = {
    "retraction": "retraction",
    "correction": "correction",
    "expression of concern": "expression_of_concern",
    "reinstatement": "reinstatement",
}


def parse_header(content: bytes) -> tuple[list[str], str] | None:
    """Return the column names, of lower case letters only, and the delimiter; None if it is not a retraction list."""
    text = decode(content)
    for delimiter in (",", ";", "\t"):
        columns = [re.sub(r"[^a-z]", "", name.lower()) for name in _cells(text, delimiter)]
        if NATURE in columns and (DOI in columns or PMID in columns):
            return columns, delimiter
    return None


def parse_row(row: CsvRow, columns: Sequence[str], delimiter: str, source: str) -> Notice | str:
    """Return the notice, or why the row is rejected."""
    if row.broken:
        return row.broken
    cells = dict(zip(columns, _cells(decode(row.content), delimiter), strict=False))
    names = _identifiers(cells, DOI, PMID)
    if not names:
        return "It names no work: give an identifier in OriginalPaperDOI or OriginalPaperPubMedID."
    nature = NATURES.get(" ".join(cells.get(NATURE, "").lower().split()))
    if nature is None:
        return f"RetractionNature says {_quoted(cells.get(NATURE, ''))}: it must be one of {', '.join(NATURES)}."
    date_text = cells.get("retractiondate", "")
    on = parse_date(date_text)
    if on is None and date_text:
        return f"RetractionDate says {_quoted(date_text)}: give it as 4/11/2023 (month first) or 2023-04-11."
    try:
        fields = {**_notice_fields(cells), "nature": nature, "on": on, "source": source}
        return Notice(tuple(names), Retraction.model_validate(fields))
    except ValidationError as error:
        return "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors()[:MAX_REPORTED_ERRORS])


def parse_date(text: str) -> date | None:
    """Return 11 April 2023 for `4/11/2023 0:00` (these lists put the month first) or `2023-04-11`; otherwise None."""
    if match := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", text):
        year, month, day = (int(number) for number in match.groups())
    elif match := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?", text):
        month, day, year = (int(number) for number in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def decode(content: bytes) -> str:
    """Decode UTF-8, or else Windows-1252, without a byte order mark and without NUL."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return text.replace("\0", "")


def _notice_fields(cells: Mapping[str, str]) -> dict[str, object]:
    notice = next(iter(_identifiers(cells, "retractiondoi", "retractionpubmedid")), None)
    reasons = (
        " ".join(reason.strip().lstrip("+").split())[:MAX_REASON_CHARACTERS]
        for reason in cells.get("reason", "").split(";")
    )
    return {
        "notice": {"scheme": notice[0], "value": notice[1]} if notice else None,
        "reasons": list(dict.fromkeys(filter(None, reasons)))[:MAX_REASONS],
    }


def _cells(text: str, delimiter: str) -> list[str]:
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        return [cell.strip() for cell in cells]
    return []


def _identifiers(cells: Mapping[str, str], doi: str, pmid: str) -> list[Name]:
    """Return the identifiers in these two columns. Lists write `unavailable` or `0` if there is none."""
    names = (("doi", normalised("doi", cells.get(doi, ""))), ("pmid", normalised("pmid", cells.get(pmid, ""))))
    return [(scheme, value) for scheme, value in names if value and len(value) <= MAX_IDENTIFIER_CHARACTERS]


def _quoted(text: str) -> str:
    return f"'{text[:MAX_QUOTE_CHARACTERS]}'" if text else "nothing"
