"""What a row of a list of retractions says."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import ValidationError

from services.evidence.exchange.retraction_lists.rows import Row
from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.identifiers import normalised
from services.evidence.library.retraction_notices.rules import Notice
from shared.problems import Invalid, NotFound, Problem


class ListNotFound(NotFound):
    detail = "No list of retractions with this id was found. They are at /v1/retractions."


class EmptyList(Invalid):
    pointer = "/file"
    title = "This file is empty"
    detail = "There is nothing in it. Download the list again from where it comes from, and send it once more."


class ListTooLarge(Problem):
    status = 413
    title = "This file is larger than can be taken at once"
    detail = (
        "Send it in parts of at most 100 MB, each with the row of column names. Rows that come twice change nothing."
    )


LARGEST_FILE = 100 * 1024 * 1024
LONGEST_NAME, LONGEST_REASON, MOST_REASONS, LONGEST_QUOTE = 200, 300, 50, 60
DOI, PMID, NATURE = "originalpaperdoi", "originalpaperpubmedid", "retractionnature"
NATURES = {
    "retraction": "retraction",
    "correction": "correction",
    "expression of concern": "expression_of_concern",
    "reinstatement": "reinstatement",
}
NOT_A_LIST = (
    "This is not a list of retractions as Crossref and Retraction Watch publish it: the first row must name the "
    "columns, and RetractionNature and OriginalPaperDOI or OriginalPaperPubMedID must be among them. Save it as CSV in "
    "UTF-8."
)
Name = tuple[str, str]


class OneLineEnd:
    """Makes every line end the same, chunk by chunk: some programs end lines with a carriage return alone."""

    def __init__(self) -> None:
        self._held = b""

    def feed(self, content: bytes) -> bytes:
        content = self._held + content
        self._held = b"\r" if content.endswith(b"\r") else b""
        return content.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")

    def finish(self) -> bytes:
        return b"\n" if self._held else b""


def header(content: bytes) -> tuple[list[str], str] | None:
    """The columns in one form, and what stands between them; None where these are no columns of such a list."""
    text = decoded(content)
    for delimiter in (",", ";", "\t"):
        columns = [re.sub(r"[^a-z]", "", name.lower()) for name in _cells(text, delimiter)]
        if NATURE in columns and (DOI in columns or PMID in columns):
            return columns, delimiter
    return None


def understand(row: Row, columns: Sequence[str], delimiter: str, source: str) -> Notice | str:
    """The notice, or the reason in plain words why it cannot be taken."""
    if row.broken:
        return row.broken
    says = dict(zip(columns, _cells(decoded(row.content), delimiter), strict=False))
    names = _names(says, DOI, PMID)
    if not names:
        return "It names no work: OriginalPaperDOI and OriginalPaperPubMedID hold no identifier."
    nature = NATURES.get(" ".join(says.get(NATURE, "").lower().split()))
    if nature is None:
        return f"RetractionNature says {_quoted(says.get(NATURE, ''))}: it is one of {', '.join(NATURES)}."
    told = says.get("retractiondate", "")
    on = day(told)
    if on is None and told:
        return f"RetractionDate says {_quoted(told)}: give it as 4/11/2023 (month first) or 2023-04-11."
    try:
        return Notice(
            tuple(names), Retraction.model_validate({**_said(says), "nature": nature, "on": on, "source": source})
        )
    except ValidationError as wrong:
        return "; ".join(f"{error['loc'][0]}: {error['msg']}" for error in wrong.errors()[:3])


def _said(says: Mapping[str, str]) -> dict[str, object]:
    notice = next(iter(_names(says, "retractiondoi", "retractionpubmedid")), None)
    reasons = (
        " ".join(part.strip().lstrip("+").split())[:LONGEST_REASON] for part in says.get("reason", "").split(";")
    )
    return {
        "notice": {"scheme": notice[0], "value": notice[1]} if notice else None,
        "reasons": list(dict.fromkeys(filter(None, reasons)))[:MOST_REASONS],
    }


def day(text: str) -> date | None:
    """`4/11/2023 0:00` is the eleventh of April, as these lists have it; `2023-04-11`; None for anything else."""
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?", text):
        year, month, day_of_month = (int(part) for part in found.groups())
    elif found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?", text):
        month, day_of_month, year = (int(part) for part in found.groups())
    else:
        return None
    try:
        return date(year, month, day_of_month)
    except ValueError:
        return None


def decoded(content: bytes) -> str:
    """UTF-8, or else Windows-1252; without the mark at the beginning and without NUL."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    return text.replace("\0", "")


def _cells(text: str, delimiter: str) -> list[str]:
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        return [cell.strip() for cell in cells]
    return []


def _names(says: Mapping[str, str], doi: str, pmid: str) -> list[Name]:
    """`unavailable` and `0` say that there is none."""
    found = (("doi", normalised("doi", says.get(doi, ""))), ("pmid", normalised("pmid", says.get(pmid, ""))))
    return [(scheme, value) for scheme, value in found if value and len(value) <= 500]


def _quoted(text: str) -> str:
    return f"'{text[:LONGEST_QUOTE]}'" if text else "nothing"
