"""Charts: rows, drawn as SVG, shown as a table and sent as CSV. The macros are in `layout/templates/charts.html`.

Lengths are in per cent of the width and in em, so that a chart is as legible on a phone and in large print as on a
desk.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import pairwise
from textwrap import wrap
from typing import Final

from starlette.responses import Response

MAX_LINE_CHARACTERS: Final = 34
MAX_BAR_PER_CENT: Final = 80.0
"""Of the width: beside the longest bar there is room for its number."""
LINE_EM: Final = 1.4
BAR_EM: Final = 2.2
CELL_EM: Final = 3.4
HEAD_EM: Final = 3.2
SMALLEST_SHAPE_EM, LARGEST_SHAPE_EM = 0.5, 1.4
SHAPES: Final = 3
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A label and its values, one for each heading after the first: numbers, of which the first are drawn, or words.

    `way` colours a bar; `href` leads on.
    """

    label: str
    values: tuple[int | str, ...]
    way: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row with the lines of its label, each with its distance from the top in em, and where its marks stand."""

    row: ChartRow
    lines: tuple[tuple[float, str], ...]
    top: float
    marks: tuple[float, ...]
    """Lengths of bars in per cent, or sizes of shapes in em."""


@dataclass(frozen=True, slots=True)
class Chart:
    """Rows under headings. `title` says what is shown; `csv_path` is where the same rows are as CSV."""

    name: str
    title: str
    headings: tuple[str, ...]
    rows: Sequence[ChartRow]
    csv_path: str

    def csv(self) -> Response:
        """Return the rows as CSV (RFC 4180), which no spreadsheet takes for formulas."""
        text = StringIO()
        writer = csv.writer(text)
        writer.writerow(map(_plain, self.headings))
        writer.writerows([_plain(str(value)) for value in (row.label, *row.values)] for row in self.rows)
        headers = {"Content-Disposition": f'attachment; filename="{self.name}.csv"'}
        return Response("\ufeff" + text.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


@dataclass(frozen=True, slots=True)
class BarChart(Chart):
    """One bar for each row, of at most `full` (by default the largest of them)."""

    full: int | None = None

    def rows_with(self, value: int) -> list[ChartRow]:
        """Return the rows whose bar has this number."""
        return [row for row in self.rows if row.values[0] == value]

    @property
    def placed_rows(self) -> list[PlacedRow]:
        """Return the rows with the place of their labels, and the length of their bars in per cent."""
        full = self.full or max((_numbers(row)[0] for row in self.rows), default=0) or 1
        lengths = [(MAX_BAR_PER_CENT * _numbers(row)[0] / full,) for row in self.rows]
        return _place(self.rows, lengths, BAR_EM, 0.0)

    @property
    def height(self) -> float:
        """Return the height in em."""
        return _height(self.rows, BAR_EM, 0.0)


@dataclass(frozen=True, slots=True)
class ShapeChart(Chart):
    """A shape for each way of knowing, which are the first three numbers of each row. What is missing is empty."""

    @property
    def placed_rows(self) -> list[PlacedRow]:
        """Return the rows with the place of their labels, and the half width of each shape in em: 0 for none."""
        numbers = [_numbers(row)[:SHAPES] for row in self.rows]
        most = max((value for values in numbers for value in values), default=0) or 1
        sizes = [tuple(_size(value, most) for value in values) for values in numbers]
        return _place(self.rows, sizes, CELL_EM, HEAD_EM)

    @property
    def height(self) -> float:
        """Return the height in em."""
        return _height(self.rows, CELL_EM, HEAD_EM)


def _size(value: int, most: int) -> float:
    """Return the half width of a shape whose area grows with the value."""
    if not value:
        return 0.0
    return round(SMALLEST_SHAPE_EM + (LARGEST_SHAPE_EM - SMALLEST_SHAPE_EM) * (value / most) ** 0.5, 2)


def _numbers(row: ChartRow) -> list[int]:
    return [value for value in row.values if isinstance(value, int)]


def _lines(label: str) -> list[str]:
    return wrap(label, MAX_LINE_CHARACTERS) or [""]


def _tops(rows: Sequence[ChartRow], mark_em: float, head_em: float) -> list[float]:
    """Return where each row begins, and where the last one ends, in em."""
    tops = [head_em]
    for row in rows:
        tops.append(tops[-1] + len(_lines(row.label)) * LINE_EM + mark_em)
    return tops


def _height(rows: Sequence[ChartRow], mark_em: float, head_em: float) -> float:
    return round(_tops(rows, mark_em, head_em)[-1], 2)


def _place(
    rows: Sequence[ChartRow], marks: Sequence[tuple[float, ...]], mark_em: float, head_em: float
) -> list[PlacedRow]:
    placed: list[PlacedRow] = []
    for row, mark, (top, end) in zip(rows, marks, pairwise(_tops(rows, mark_em, head_em)), strict=True):
        lines = tuple((round(top + (n + 0.9) * LINE_EM, 2), line) for n, line in enumerate(_lines(row.label)))
        placed.append(PlacedRow(row, lines, round(end - mark_em, 2), tuple(round(value, 2) for value in mark)))
    return placed


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
