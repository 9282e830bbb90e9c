"""The table of rights: who gets which status from which operation, as people have reviewed it."""

import fcntl
import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from tests.architecture.permissions.roles import COLUMNS

FILE: Final = Path(__file__).with_name("rights.txt")
WRITES_THE_TABLE: Final = "IMPACT_WRITE_RIGHTS"
"""With this in the environment the tests write what they were answered into the table."""
NOT_TRIED: Final = "-"
HOW_TO_ADD: Final = (
    "Add an Attempt beside its like in tests/architecture/permissions, run `python -m tests.architecture.permissions`, "
    "and review each status that it wrote into rights.txt: that is what you grant."
)

Answers = Mapping[str, int]
"""Column -> status. Where a thing is nobody's, its owner is absent."""


class Operation(NamedTuple):
    """One row. The text is method and path as described, then a query or a state in brackets where these matter."""

    service: str
    text: str

    @property
    def endpoint(self) -> tuple[str, str]:
        """Method and path, without the query and the state."""
        method, path = self.text.split()[:2]
        return method, path.partition("?")[0]

    def __str__(self) -> str:
        return f"{self.service} {self.text}"


Table = dict[Operation, Answers]


def read() -> Table:
    return parse(FILE.read_text())


def parse(text: str) -> Table:
    """Raises ValueError for an operation that has two rows."""
    table: Table = {}
    header, *lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    columns = header.split()[:-2]
    for line in lines:
        *cells, service, operation = line.split(maxsplit=len(columns) + 1)
        row = Operation(service, operation)
        if row in table:
            raise ValueError(f"{row} stands twice in {FILE.name}")
        tried = zip(columns, cells, strict=True)
        table[row] = {column: int(cell) for column, cell in tried if cell != NOT_TRIED}
    return table


def printed(table: Table) -> str:
    """The text of the table, a row for each operation, by path."""
    lines = [*(line for line in FILE.read_text().splitlines() if line.startswith("#")), ""]
    lines.append(_line(COLUMNS, "service", "operation"))
    for operation in sorted(table, key=lambda row: (row.service, row.endpoint[1], row.text)):
        cells = [str(table[operation].get(column, NOT_TRIED)) for column in COLUMNS]
        lines.append(_line(cells, *operation))
    return "\n".join(lines) + "\n"


def write(answered: Table, *, among: Iterable[Operation]) -> None:
    """Put these rows into the table. Of the others those stay that are still `among` what is tried.

    Tests that run at once write one after the other, and whoever reads meanwhile reads a whole table.
    """
    tried = set(among)
    beside = FILE.with_suffix(".new")
    with _folder() as folder:
        fcntl.flock(folder, fcntl.LOCK_EX)
        rows = {row: answers for row, answers in {**read(), **answered}.items() if row in tried}
        beside.write_text(printed(rows))
        beside.replace(FILE)


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
    """What those operations that were tried answer otherwise than the table says."""
    found: list[str] = []
    for operation, answers in answered.items():
        row = table.get(operation)
        if row is None:
            found.append(f"{operation} has no row in {FILE.name}. {HOW_TO_ADD}")
            continue
        found += [
            f"{operation} as {column}: expected {row.get(column, NOT_TRIED)}, got {answers.get(column, NOT_TRIED)}"
            for column in COLUMNS
            if row.get(column) != answers.get(column)
        ]
    return found


def unmatched(service: str, endpoints: set[tuple[str, str]], operations: Iterable[Operation]) -> list[str]:
    """Endpoints of a service that no operation is about, and operations that are about none."""
    about = {operation.endpoint for operation in operations if operation.service == service}
    missing = [f"{service} {method} {path} is tried by no role. {HOW_TO_ADD}" for method, path in endpoints - about]
    gone = [f"{service} {method} {path} is no endpoint any more" for method, path in about - endpoints]
    return sorted(missing + gone)
