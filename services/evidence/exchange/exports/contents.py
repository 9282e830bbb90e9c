"""The bytes of an export, made page by page with no more than one page of items in memory."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from services.evidence.exchange.writers.exported_item import ExportedItem, PublishedItem
from services.evidence.exchange.writers.formats import ExportFormat
from services.evidence.exchange.writers.spreadsheets import ItemWorkbook

CHUNK_BYTES = 256 * 1024

Pages = AsyncIterator[Sequence[PublishedItem]]


async def write_text(pages: Pages, export_format: ExportFormat, public_url: str) -> AsyncGenerator[bytes]:
    """Yield a file of text, one page of items at a time."""
    first, prefix = True, export_format.prefix
    async for rows in pages:
        yield prefix + await asyncio.to_thread(_write_page, rows, export_format, public_url, first)
        first, prefix = False, b""
    yield prefix + export_format.suffix


async def write_workbook(pages: Pages, public_url: str) -> AsyncGenerator[bytes]:
    """Yield an XLSX. It is a temporary file until its last row is written: only then can it be sent."""
    with tempfile.TemporaryDirectory(prefix="impact-export-") as folder, tempfile.TemporaryFile(dir=folder) as file:
        workbook = ItemWorkbook(file, folder)
        async for rows in pages:
            await asyncio.to_thread(workbook.add, [ExportedItem.of(row, public_url) for row in rows])
        await asyncio.to_thread(workbook.close)
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, CHUNK_BYTES):
            yield chunk


def _write_page(rows: Sequence[PublishedItem], export_format: ExportFormat, public_url: str, first: bool) -> bytes:
    return export_format.write_page((ExportedItem.of(row, public_url) for row in rows), first=first)
