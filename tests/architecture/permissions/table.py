"""The reviewed table of rights: which status each kind of caller gets from each operation."""

import fcntl
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.architecture.permissions.roles import COLUMNS

FILE: Final = Path(__file__).with_name("rights.txt")
WRITES_THE_TABLE: Final = "IMPACT_WRITE_RIGHTS"
"""With this variable set, the tests write the statuses that they received into the table."""
NOT_TRIED: Final = "-"
HOW_TO_ADD: Final = (
    "Add an Attempt to tests/architecture/permissions, run `python -m tests.architecture.permissions`, "
    "and review each status that it wrote into rights.txt: that is what you grant."
)

Statuses = Mapping[str, int]
"""Column -> status. Without `owner` where the resource has none."""


class Operation(NamedTuple):
    """One row: method and path as described, then a query, or a state in brackets, where these matter."""

    service: str
    text: str

    @property
    def endpoint(self) -> tuple[str, str]:
        """Method and path, without the query and the state."""
        method, path = self.text.split()[:2]
        return method, path.partition("?")[0]

    def __str__(self) -> str:
        return f"{self.service} {self.text}"


Table = dict[Operation, Statuses]


def read() -> Table:
    return parse(FILE.read_text())


def parse(text: str) -> Table:
    """Parse the text of a table. Raises ValueError for an operation that has two rows."""
    table: Table = {}
    header, *lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    columns = header.split()[:-2]
    for line in lines:
        *cells, service, operation = line.split(maxsplit=len(columns) + 1)
        row = Operation(service, operation)
        if row in table:
            raise ValueError(f"{row} stands twice in {FILE.name}")
        cells_by_column = zip(columns, cells, strict=True)
        table[row] = {column: int(cell) for column, cell in cells_by_column if cell != NOT_TRIED}
    return table


def format_table(table: Table) -> str:
    """Return the text of the table: a row for each operation, ordered by path."""
    lines = [*(line for line in FILE.read_text().splitlines() if line.startswith("#")), ""]
    lines.append(_line(COLUMNS, "service", "operation"))
    for operation in sorted(table, key=lambda row: (row.service, row.endpoint[1], row.text)):
        cells = [str(table[operation].get(column, NOT_TRIED)) for column in COLUMNS]
        lines.append(_line(cells, *operation))
    return "\n".join(lines) + "\n"


def write(answered: Table, *, tried_operations: Iterable[Operation]) -> None:
    """Put these rows into the table, and remove rows of operations that are not among `tried_operations`.

    A lock serialises parallel tests, and readers never see a partial file.
    """
    tried = set(tried_operations)
    temporary = FILE.with_suffix(".new")
    with _folder() as folder:
        fcntl.flock(folder, fcntl.LOCK_EX)
        rows = {row: statuses for row, statuses in {**read(), **answered}.items() if row in tried}
        temporary.write_text(format_table(rows))
        temporary.replace(FILE)


@contextmanager
def _folder() -> Generator[int]:
    folder = os.open(FILE.parent, os.O_RDONLY)
    try:
        yield folder
    finally:
        os.close(folder)


def _line(cells: Iterable[str], service: str, operation: str) -> str:
    aligned = [cell.ljust(len(column)) for cell, column in zip(cells, COLUMNS, strict=True)]
    return "  ".join([*aligned, service.ljust(len("engagement")), operation])


def differences(table: Table, answered: Table) -> list[str]:
    """Return a message for each status that differs from the table, and for each operation without a row."""
    lines: list[str] = []
    for operation, statuses in answered.items():
        row = table.get(operation)
        if row is None:
            lines.append(f"{operation} has no row in {FILE.name}. {HOW_TO_ADD}")
            continue
        lines += [
            f"{operation} as {column}: expected {row.get(column, NOT_TRIED)}, got {statuses.get(column, NOT_TRIED)}"
            for column in COLUMNS
            if row.get(column) != statuses.get(column)
        ]
    return lines


def find_unmatched(service: str, endpoints: set[tuple[str, str]], operations: Iterable[Operation]) -> list[str]:
    """Return a message for each endpoint of a service without an operation, and each operation without an endpoint."""
    covered = {operation.endpoint for operation in operations if operation.service == service}
    missing = [f"{service} {method} {path} is tried by no role. {HOW_TO_ADD}" for method, path in endpoints - covered]
    stale = [f"{service} {method} {path} is no endpoint any more" for method, path in covered - endpoints]
    return sorted(missing + stale)
