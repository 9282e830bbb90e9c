"""Tables: CSV and XLSX. No cell of them is ever a formula."""

import csv
import io
from collections.abc import Iterable
from typing import IO, Any, cast

import orjson
import xlsxwriter

from services.evidence.exchange.writers.exported_item import Exported, as_read, carried, line, marked
from services.evidence.library.items.descriptions import (
    ATTRIBUTION_FIELDS,
    LivedExperienceFields,
    PracticeKnowledgeFields,
    ResearchFields,
)

_COMMON = ("id", "way_of_knowing", "title", "summary", "topics", "country", "setting", "language", "listed_on")
_SCHEMES = ("doi", "pmid", "pmcid", "wos", "isbn", "issn")
_OWN = tuple(
    dict.fromkeys(
        name
        for fields in (ResearchFields, LivedExperienceFields, PracticeKnowledgeFields)
        for name in fields.model_fields
        if name not in {"identifiers", *ATTRIBUTION_FIELDS, *_COMMON}
    )
)
COLUMNS = (*_COMMON, *_OWN, *_SCHEMES, "attributed_to", "retraction", "address")
CARRIED = "impact"
"""CSV has one more column: what an import needs to make the same records again."""
LONGEST_CELL = 32_767
"""Of a spreadsheet; a longer text ends with an ellipsis there, and is whole in every other format."""
MOST_ROWS = 1_048_575
"""Of a sheet, beside its heading; then another sheet begins."""
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def heading() -> bytes:
    return "\ufeff".encode() + _csv([*COLUMNS, CARRIED])


def row(item: Exported) -> bytes:
    """One line of the file, so that no text in it looks like the beginning of another format.

    A cell that a spreadsheet would run begins with an apostrophe. The exact words are in `impact`.
    """
    shown = [harmless(line(cell)) for cell in cells(item)]
    title, summary = (as_read(shown[COLUMNS.index(name)]) for name in ("title", "summary"))
    return _csv([*shown, marked(carried(item, title, summary))])


def cells(item: Exported) -> list[str]:
    own = {**item.own, "authors": item.creators}
    values: dict[str, Any] = {
        **{name: own.get(name) for name in _OWN},
        **{name: getattr(item, name) for name in _COMMON},
        **{scheme: item.identifiers(scheme) for scheme in _SCHEMES},
        "attributed_to": None if item.is_research else list(item.credited),
        "retraction": item.retraction_note,
        "address": item.url,
    }
    return [_cell(values[name]) for name in COLUMNS]


def harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell


class Workbook:
    """An XLSX that is written row by row into a file, in constant memory. Close it to have the whole of it."""

    def __init__(self, file: IO[bytes], folder: str) -> None:
        """`folder`: for what is not in the file yet; whoever gave it clears it away."""
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

    def add(self, items: Iterable[Exported]) -> None:
        for item in items:
            if self._row == MOST_ROWS:
                self._begin_sheet()
            self._row += 1
            for column, cell in enumerate(cells(item)):
                if cell:
                    self._sheet.write_string(self._row, column, _fitting(cell))

    def close(self) -> None:
        self._book.close()

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._row = 0
        self._sheet = self._book.add_worksheet("Evidence" if self._sheets == 1 else f"Evidence {self._sheets}")
        self._sheet.freeze_panes(1, 0)
        for column, name in enumerate(COLUMNS):
            self._sheet.write_string(0, column, name, self._bold)


def _fitting(cell: str) -> str:
    return cell if len(cell) <= LONGEST_CELL else cell[: LONGEST_CELL - 1] + "\u2026"


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case list():
            return "; ".join(_cell(each) for each in cast("list[Any]", value))
        case _:
            return orjson.dumps(value).decode()


def _csv(values: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(values)
    return text.getvalue().encode()
