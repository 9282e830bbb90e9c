"""A service's response while it comes in."""

import asyncio
from asyncio import Future
from collections.abc import Callable
from typing import Final, Protocol

from gateway.http.request import Headers

HIGH_WATER_BYTES: Final = 256 * 1024
"""Reading from the service pauses while more of a response than this waits for the client."""


class ConnectionBroken(Exception):
    """The connection ended before any of the response came.

    `took_nothing`: it is certain that the service took no byte of the request, which may then be sent again, whatever
    it does.
    """

    def __init__(self, *, took_nothing: bool = False) -> None:
        super().__init__()
        self.took_nothing = took_nothing


class ResponseSource(Protocol):
    """Where a response comes from."""

    def pause(self) -> None:
        """Read no more from the service for now."""

    def resume(self) -> None:
        """Read from the service again."""

    def abandon(self, response: "UpstreamResponse") -> None:
        """Stop working for this response."""


class UpstreamResponse:
    """A service's response: its status and headers are here, its body comes chunk by chunk."""

    __slots__ = (
        "_buffered_bytes", "_chunks", "_has_ended", "_on_end", "_source", "_waiter",
        "complete", "error", "headers", "status",
    )  # fmt: skip

    def __init__(self, source: ResponseSource, status: int, headers: Headers) -> None:
        self.status, self.headers = status, headers
        self.complete = False
        self.error: BaseException | None = None
        self._on_end: Callable[[], None] | None = None
        self._has_ended = False
        self._source = source
        self._chunks: list[bytes] = []
        self._buffered_bytes = 0
        self._waiter: Future[None] | None = None

    def feed(self, chunk: bytes) -> None:
        """Buffer a chunk that came from the service, and pause it when the buffer is full."""
        self._chunks.append(chunk)
        self._buffered_bytes += len(chunk)
        if self._buffered_bytes > HIGH_WATER_BYTES:
            self._source.pause()
            self._end()
        self._wake()

    def finish(self, error: BaseException | None = None) -> None:
        """Mark the body as complete, or as broken off by this error."""
        if not self.complete:
            self.complete, self.error = True, error
            self._wake()
            self._end()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def call_at_end(self, on_end: Callable[[], None]) -> None:
        """Call this once: when the body is complete, broken off or abandoned, or first waits for a slow client.

        At once where that has happened, which it may have before anybody learns of the response.
        """
        if self._has_ended:
            on_end()
        else:
            self._on_end = on_end

    def _end(self) -> None:
        self._has_ended = True
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end()

    async def read_chunk(self) -> tuple[bytes, bool]:
        """Return the next bytes, and whether there may be more. Raises BadAnswer when the service breaks off."""
        if not self._chunks and not self.complete:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        return self._take_buffered()

    async def read(self) -> bytes:
        """Return all of the body: only for a response that is known to be small. Raises BadAnswer."""
        parts: list[bytes] = []
        more = True
        while more:
            chunk, more = await self.read_chunk()
            parts.append(chunk)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _take_buffered(self) -> tuple[bytes, bool]:
        if self.error is not None:
            raise self.error
        chunks = self._chunks
        chunk = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        if self._buffered_bytes > HIGH_WATER_BYTES and not self.complete:
            self._source.resume()
        self._buffered_bytes = 0
        return chunk, not self.complete

    def close(self) -> None:
        """Stop reading: the connection ends, unless it has given the response whole and is free again."""
        self._source.abandon(self)
        self._chunks.clear()
        self._end()
