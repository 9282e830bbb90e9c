"""Charts: rows, drawn as SVG, shown as a table and sent as CSV. The macros are in `layout/templates/charts.html`.

Labels and numbers of the picture are text of the page, which wraps; only bars and shapes are SVG. So a chart is as
legible on a phone and in large print as on a desk.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

from starlette.responses import Response

SMALLEST_SHAPE_EM, LARGEST_SHAPE_EM = 0.5, 1.4
SHAPES: Final = 3
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


class ContentText(str):
    """A label or words that somebody wrote, such as a title, with their language; other texts are of the page."""

    __slots__ = ("language",)
    language: str | None

    def __new__(cls, text: str, language: str | None) -> "ContentText":
        content = super().__new__(cls, text)
        content.language = language
        return content


@dataclass(frozen=True, slots=True)
class ChartRow:
    """A label and its values, one for each heading after the first: numbers, of which the first are drawn, or words.

    `way` colours a bar; `href` leads on. What is not `drawn` stands in the table and the CSV alone.
    """

    label: str
    values: tuple[int | str, ...]
    way: str = ""
    href: str = ""
    drawn: bool = True


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row with its marks: the length of a bar in per cent, or the half width of each shape in em."""

    row: ChartRow
    marks: tuple[float, ...]


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
    def leaders(self) -> list[ChartRow]:
        """Return the rows with the longest bar: several where they are equal, none where every bar is empty."""
        return self.rows_with(highest) if (highest := max((_numbers(row)[0] for row in self.rows), default=0)) else []

    @property
    def drawn_rows(self) -> list[DrawnRow]:
        """Return the rows of the picture, with the length of their bars in per cent."""
        full = self.full or max((_numbers(row)[0] for row in self.rows), default=0) or 1
        return [DrawnRow(row, (round(100 * _numbers(row)[0] / full, 2),)) for row in self.rows if row.drawn]


@dataclass(frozen=True, slots=True)
class ShapeChart(Chart):
    """A shape for each way of knowing, which are the first three numbers of each row. What is missing is empty."""

    note: str = ""
    """What the picture leaves out."""

    @property
    def drawn_rows(self) -> list[DrawnRow]:
        """Return the rows of the picture, with the half width of each shape in em: 0 for none."""
        drawn = [(row, _numbers(row)[:SHAPES]) for row in self.rows if row.drawn]
        most = max((value for _, values in drawn for value in values), default=0) or 1
        return [DrawnRow(row, tuple(_size(value, most) for value in values)) for row, values in drawn]


def _size(value: int, most: int) -> float:
    """Return the half width of a shape whose area grows with the value."""
    if not value:
        return 0.0
    return round(SMALLEST_SHAPE_EM + (LARGEST_SHAPE_EM - SMALLEST_SHAPE_EM) * (value / most) ** 0.5, 2)


def _numbers(row: ChartRow) -> list[int]:
    return [value for value in row.values if isinstance(value, int)]


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
