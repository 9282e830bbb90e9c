"""One connection to a service: writes a request, parses its response, and is then free for the next."""

import asyncio
from asyncio import Future, Task, Transport
from collections.abc import AsyncIterator, Callable
from typing import Final, cast

import httptools

from gateway.http.request import Headers
from gateway.problems import BadAnswer

HIGH_WATER_BYTES: Final = 256 * 1024
"""Reading from the service pauses while more of a response than this waits for the client."""
MAX_HEAD_BYTES: Final = 64 * 1024
"""Of the names and values of a response's headers."""


class ConnectionBroken(Exception):
    """The connection ended before any of the response came."""


class UpstreamResponse:
    """A service's response: its status and headers have arrived, its body comes chunk by chunk."""

    __slots__ = ("_buffered_bytes", "_chunks", "_connection", "_waiter", "complete", "error", "headers", "status")

    def __init__(self, connection: "UpstreamConnection", status: int, headers: Headers) -> None:
        self.status, self.headers = status, headers
        self.complete = False
        self.error: BaseException | None = None
        self._connection = connection
        self._chunks: list[bytes] = []
        self._buffered_bytes = 0
        self._waiter: Future[None] | None = None

    def feed(self, chunk: bytes) -> None:
        """Buffer a chunk that came from the service, and pause the connection when the buffer is full."""
        self._chunks.append(chunk)
        self._buffered_bytes += len(chunk)
        if self._buffered_bytes > HIGH_WATER_BYTES:
            self._connection.pause()
        self._wake()

    def finish(self, error: BaseException | None = None) -> None:
        """Mark the body as complete, or as broken off by this error."""
        self.complete, self.error = True, error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def read_chunk(self) -> tuple[bytes, bool]:
        """Return the next bytes, and whether there may be more. Raises BadAnswer when the service breaks off."""
        if not self._chunks and not self.complete:
            self._waiter = self._connection.loop.create_future()
            await self._waiter
        return self._take_buffered()

    async def read(self) -> bytes:
        """Return all of the body: only for a response that is known to be small. Raises BadAnswer."""
        while not self.complete:
            self._waiter = self._connection.loop.create_future()
            await self._waiter
        return self._take_buffered()[0]

    def _take_buffered(self) -> tuple[bytes, bool]:
        if self.error is not None:
            raise self.error
        chunks = self._chunks
        chunk = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        if self._buffered_bytes > HIGH_WATER_BYTES:
            self._connection.resume()
        self._buffered_bytes = 0
        return chunk, not self.complete

    def close(self) -> None:
        """Abort the connection, unless the body has been read to its end."""
        if not self.complete:
            self._connection.abort()


class UpstreamConnection(asyncio.Protocol):
    """Speaks HTTP/1.1, one request at a time.

    `on_idle` is called when it can take the next request, `on_lost` when it has ended.
    """

    def __init__(
        self, on_idle: Callable[["UpstreamConnection"], None], on_lost: Callable[["UpstreamConnection"], None]
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.closed = False
        self.reused = False
        """Whether it has served a request before, so that the service may be about to close it."""
        self.idle_since = 0.0
        """By the loop's clock."""
        self._on_idle, self._on_lost = on_idle, on_lost
        self._transport: Transport
        self._parser = httptools.HttpResponseParser(self)
        self._headers: Headers = []
        self._head_bytes = 0
        self._pending: Future[UpstreamResponse] | None = None
        """Resolved when the headers of the response have arrived."""
        self._response: UpstreamResponse | None = None
        """The response whose body is coming in."""
        self._upload: Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def usable(self) -> bool:
        """Whether another request may be sent on it."""
        return not self.closed and not self._transport.is_closing()

    async def request(self, head: bytes, stream: AsyncIterator[bytes] | None, *, chunked: bool) -> UpstreamResponse:
        """Send a request, not a HEAD: `head`, then the chunks of `stream`. Raises ConnectionBroken, BadAnswer."""
        if self.closed:
            raise ConnectionBroken
        pending = self._pending = self.loop.create_future()
        self._transport.write(head)
        if stream is not None:
            self._upload = self.loop.create_task(self._send(stream, chunked))
            self._upload.add_done_callback(self._upload_done)
        try:
            return await pending
        except BaseException:
            if self._pending is pending:
                self._pending = None
                self.abort()
            elif pending.done() and not pending.cancelled() and pending.exception() is None:
                pending.result().close()
            raise

    async def _send(self, stream: AsyncIterator[bytes], chunked: bool) -> None:
        async for chunk in stream:
            if not self._writable.is_set():
                await self._writable.wait()
            if self.closed:
                return
            self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
        if chunked and not self.closed:
            self._transport.write(b"0\r\n\r\n")

    def _upload_done(self, upload: Task[None]) -> None:
        self._upload = None
        error = None if upload.cancelled() else upload.exception()
        if error is not None:
            self._fail(error)
            self.abort()
        elif self._response is None and self._pending is None and not self.closed:
            self._become_idle()

    def _fail(self, error: BaseException) -> None:
        pending, self._pending = self._pending, None
        if pending is not None and not pending.done():
            pending.set_exception(error)
        elif self._response is not None:
            self._response.finish(error)
            self._response = None

    def _become_idle(self) -> None:
        self.reused, self.idle_since = True, self.loop.time()
        self._on_idle(self)

    def abort(self) -> None:
        """Close the connection at once, so that the service learns that nobody waits."""
        if not self.closed:
            self._transport.abort()
        if self._upload is not None:
            self._upload.cancel()

    def pause(self) -> None:
        """Read no more from the service for now."""
        self._transport.pause_reading()

    def resume(self) -> None:
        """Read from the service again."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("Transport", transport)  # as a stream's always is

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._writable.set()
        if self._response is not None and exc is None and not self._has_framing():
            self._response.finish()
            self._response = None
        self._fail(BadAnswer() if self._head_bytes or self._response is not None else ConnectionBroken())
        if self._upload is not None:
            self._upload.cancel()
        self._on_lost(self)

    def _has_framing(self) -> bool:
        """Return whether the response says where it ends; one that does not ends with the connection."""
        return any(name in (b"content-length", b"transfer-encoding") for name, _ in self._headers)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(BadAnswer())
            self._transport.abort()

    def on_message_begin(self) -> None:
        self._headers, self._head_bytes = [], 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MAX_HEAD_BYTES:
            raise BadAnswer
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            return
        pending, self._pending = self._pending, None
        if pending is None or pending.done():
            self._transport.abort()
            return
        self._response = UpstreamResponse(self, status, self._headers)
        pending.set_result(self._response)

    def on_body(self, body: bytes) -> None:
        if self._response is not None:
            self._response.feed(body)

    def on_message_complete(self) -> None:
        response = self._response
        if response is None:
            return
        self._response, self._head_bytes = None, 0
        response.finish()
        if not self._parser.should_keep_alive():
            self._transport.close()
        elif self._upload is None:
            self._become_idle()
