"""What an import had to refuse, as a table to go through and correct."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Any
from uuid import UUID

from fastapi.responses import StreamingResponse

from services.evidence.exchange.imports import queries
from shared.persistence.database import Database

CSV = "text/csv"
COLUMNS = ("number", "line", "reason", "title")
ROWS_AT_ONCE = 1_000
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(database: Database, import_id: UUID) -> StreamingResponse:
    """All of them, however many. No cell of it is a formula."""
    name = f'attachment; filename="rejects-{import_id}.csv"'
    return StreamingResponse(
        _rows(database, import_id), media_type=f"{CSV}; charset=utf-8", headers={"Content-Disposition": name}
    )


async def _rows(database: Database, import_id: UUID) -> AsyncIterator[bytes]:
    yield "\ufeff".encode() + _written([COLUMNS])
    after = 0
    while True:
        async with database.session() as session:
            found = await queries.rejects_after(session, import_id, after, ROWS_AT_ONCE)
        yield _written((row.number, row.line, harmless(row.reason), harmless(row.title or "")) for row in found)
        if len(found) < ROWS_AT_ONCE:
            return
        after = found[-1].number


def harmless(cell: str) -> str:
    """A cell that a spreadsheet would run begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(_BEGINS_A_FORMULA) else cell


def _written(rows: Iterable[Iterable[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
