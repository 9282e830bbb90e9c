"""A download as it is made: page by page out of one snapshot, with no more than a page of it in memory."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.evidence.exchange.writers.exported_item import exported
from services.evidence.exchange.writers.formats import Format
from services.evidence.exchange.writers.spreadsheets import Workbook

CHUNK = 256 * 1024

Pages = AsyncIterator[Sequence[Any]]


class Download(StreamingResponse):
    """Ends its source when whoever reads it goes away, and does not wait for a garbage collector."""

    def __init__(self, body: AsyncGenerator[bytes], headers: Mapping[str, str]) -> None:
        super().__init__(body, headers=headers)
        self._source = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._source):
            await super().__call__(scope, receive, send)


async def written(pages: Pages, form: Format, public_url: str) -> AsyncGenerator[bytes]:
    """A text, a page at a time."""
    first, before = True, form.before
    async for rows in pages:
        yield before + await asyncio.to_thread(_page, rows, form, public_url, first)
        first, before = False, b""
    yield before + form.after


async def workbook(pages: Pages, public_url: str) -> AsyncGenerator[bytes]:
    """An XLSX, whose parts can be sent once the last row is in them: until then it lies in a file."""
    with tempfile.TemporaryDirectory(prefix="impact-export-") as folder, tempfile.TemporaryFile(dir=folder) as file:
        book = Workbook(file, folder)
        async for rows in pages:
            await asyncio.to_thread(book.add, [exported(row, public_url) for row in rows])
        await asyncio.to_thread(book.close)
        file.seek(0)
        while content := await asyncio.to_thread(file.read, CHUNK):
            yield content


async def begun(body: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The same download with its first part made: what goes wrong until then is a problem, not half a file."""
    first = await anext(body, b"")

    async def whole() -> AsyncGenerator[bytes]:
        async with aclosing(body):
            yield first
            async for part in body:
                yield part

    return whole()


def _page(rows: Sequence[Any], form: Format, public_url: str, first: bool) -> bytes:
    return form.write((exported(row, public_url) for row in rows), first=first)
