"""Tables: CSV and XLSX, in which no cell is ever a formula."""

import csv
import io
from collections.abc import Iterable
from typing import IO, Any

import orjson
import xlsxwriter
from pydantic import JsonValue

from services.evidence.exchange.writers.exported_item import ExportedItem, single_line
from services.evidence.exchange.writers.extension import extension_line, extension_of, unambiguous
from services.evidence.library.items.descriptions import (
    ATTRIBUTION_FIELDS,
    LivedExperienceFields,
    PracticeKnowledgeFields,
    ResearchFields,
)

_COMMON_COLUMNS = ("id", "way_of_knowing", "title", "summary", "topics", "country", "setting", "language", "listed_on")
_IDENTIFIER_SCHEMES = ("doi", "pmid", "pmcid", "wos", "isbn", "issn")
_DETAIL_COLUMNS = tuple(
    dict.fromkeys(
        name
        for fields in (ResearchFields, LivedExperienceFields, PracticeKnowledgeFields)
        for name in fields.model_fields
        if name not in {"identifiers", *ATTRIBUTION_FIELDS, *_COMMON_COLUMNS}
    )
)
COLUMNS = (*_COMMON_COLUMNS, *_DETAIL_COLUMNS, *_IDENTIFIER_SCHEMES, "attributed_to", "terms", "retraction", "address")
EXTENSION_COLUMN = "impact"
"""The last column of CSV: what an import needs to restore the same items."""
MAX_CELL_LENGTH = 32_767
"""Units of UTF-16 in a cell of a spreadsheet. A longer text is cut, with an ellipsis; other formats hold it whole."""
MAX_SHEET_ROWS = 1_048_575
"""Rows of one sheet without its heading. Then another sheet begins."""
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_heading() -> bytes:
    return "\ufeff".encode() + _csv([*COLUMNS, EXTENSION_COLUMN])


def write_row(item: ExportedItem) -> bytes:
    """Return the item on one line of the file, so that no text in it looks like the beginning of another format.

    A cell that a spreadsheet would run as a formula begins with an apostrophe. The exact texts are in `impact`.
    """
    row = [defuse_formula(single_line(cell)) for cell in cells_of(item)]
    title, summary = (unambiguous(row[COLUMNS.index(name)]) for name in ("title", "summary"))
    return _csv([*row, extension_line(extension_of(item, title, summary))])


def cells_of(item: ExportedItem) -> list[str]:
    """Return the texts of the item by `COLUMNS`."""
    details = {**item.details, "authors": item.creators}
    values: dict[str, Any] = {
        **{name: details.get(name) for name in _DETAIL_COLUMNS},
        **{name: getattr(item, name) for name in _COMMON_COLUMNS},
        **{scheme: item.identifiers(scheme) for scheme in _IDENTIFIER_SCHEMES},
        "attributed_to": None if item.is_research else list(item.credited),
        "terms": item.terms,
        "retraction": item.retraction_note,
        "address": item.url,
    }
    return [_cell(values[name]) for name in COLUMNS]


def defuse_formula(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


class ItemWorkbook:
    """An XLSX that is written row by row into a file, in constant memory. The file is complete once it is closed."""

    def __init__(self, file: IO[bytes], folder: str) -> None:
        """Begin a workbook. `folder`: for temporary files, which the caller removes."""
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "tmpdir": folder,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self._bold = self._book.add_format({"bold": True})
        self._sheets = 0
        self._begin_sheet()

    def add(self, items: Iterable[ExportedItem]) -> None:
        for item in items:
            if self._row == MAX_SHEET_ROWS:
                self._begin_sheet()
            self._row += 1
            for column, cell in enumerate(cells_of(item)):
                if cell:
                    self._sheet.write_string(self._row, column, _truncate(cell))

    def close(self) -> None:
        self._book.close()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._row = 0
        self._sheet = self._book.add_worksheet("Evidence" if self._sheets == 1 else f"Evidence {self._sheets}")
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(COLUMNS):
            self._sheet.write_string(0, column, name, self._bold)


def _truncate(cell: str) -> str:
    if 2 * len(cell) <= MAX_CELL_LENGTH:
        return cell
    units = cell.encode("utf-16-le")
    if len(units) <= 2 * MAX_CELL_LENGTH:
        return cell
    # Half of a character at the end of the cut is left out.
    return units[: 2 * (MAX_CELL_LENGTH - 1)].decode("utf-16-le", "ignore") + "\u2026"


def _cell(value: JsonValue) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case list():
            return "; ".join(_cell(item) for item in value)
        case _:
            return orjson.dumps(value).decode()


def _csv(values: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(values)
    return text.getvalue().encode()
