"""One connection to a service: a request goes out, its answer comes in, and the next may follow."""

import asyncio
from asyncio import Future, Task, Transport
from collections.abc import AsyncIterator, Callable
from typing import Final

import httptools

from gateway.http.request import Headers
from gateway.problems import BadAnswer

WAITING: Final = 256 * 1024
"""More of an answer than this is not taken in before the client has taken what is there."""
LARGEST_HEAD: Final = 64 * 1024


class Broken(Exception):
    """The connection ended before any of the answer came."""


class Answer:
    """A service's answer: its head is here, its body comes piece by piece."""

    __slots__ = ("_connection", "_pieces", "_size", "_waiter", "done", "failed", "headers", "status")

    def __init__(self, connection: "Connection", status: int, headers: Headers) -> None:
        self.status, self.headers = status, headers
        self.done = False
        self.failed: BaseException | None = None
        self._connection = connection
        self._pieces: list[bytes] = []
        self._size = 0
        self._waiter: Future[None] | None = None

    def take(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > WAITING:
            self._connection.pause()
        self._wake()

    def end(self, failed: BaseException | None = None) -> None:
        self.done, self.failed = True, failed
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def piece(self) -> tuple[bytes, bool]:
        """The next bytes, and whether there may be more. Raises BadAnswer when the service breaks off."""
        if not self._pieces and not self.done:
            self._waiter = self._connection.loop.create_future()
            await self._waiter
        return self._taken()

    async def whole(self) -> bytes:
        """All of the body: only for an answer that is known to be small."""
        while not self.done:
            self._waiter = self._connection.loop.create_future()
            await self._waiter
        return self._taken()[0]

    def _taken(self) -> tuple[bytes, bool]:
        if self.failed is not None:
            raise self.failed
        pieces = self._pieces
        piece = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        if self._size > WAITING:
            self._connection.resume()
        self._size = 0
        return piece, not self.done

    def close(self) -> None:
        """Breaks the connection off if the answer has not been read to its end."""
        if not self.done:
            self._connection.abort()


class Connection(asyncio.Protocol):
    """Speaks HTTP/1.1, one request at a time. `idle` is called when it can take the next, `lost` when it ended."""

    def __init__(self, idle: Callable[["Connection"], None], lost: Callable[["Connection"], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self.closed = False
        self.used = False
        """Whether it has served a request before, so that the service may be about to close it."""
        self.idle_since = 0.0
        self._idle, self._lost = idle, lost
        self._transport: Transport
        self._parser = httptools.HttpResponseParser(self)
        self._headers: Headers = []
        self._head_size = 0
        self._head: Future[Answer] | None = None
        self._answer: Answer | None = None
        self._upload: Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def usable(self) -> bool:
        return not self.closed and not self._transport.is_closing()

    async def ask(self, head: bytes, body: AsyncIterator[bytes] | None, *, chunked: bool) -> Answer:
        """Sends the request, which is not a HEAD. `head` ends with what is known of the body."""
        if self.closed:
            raise Broken
        coming = self._head = self.loop.create_future()
        self._transport.write(head)
        if body is not None:
            self._upload = self.loop.create_task(self._send(body, chunked))
            self._upload.add_done_callback(self._sent)
        try:
            return await coming
        except BaseException:
            if self._head is coming:
                self._head = None
                self.abort()
            elif coming.done() and not coming.cancelled() and coming.exception() is None:
                coming.result().close()
            raise

    async def _send(self, body: AsyncIterator[bytes], chunked: bool) -> None:
        async for piece in body:
            if not self._writable.is_set():
                await self._writable.wait()
            if self.closed:
                return
            self._transport.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked and not self.closed:
            self._transport.write(b"0\r\n\r\n")

    def _sent(self, upload: Task[None]) -> None:
        self._upload = None
        error = None if upload.cancelled() else upload.exception()
        if error is not None:
            self._fail(error)
            self.abort()
        elif self._answer is None and self._head is None and not self.closed:
            self._rest()

    def _fail(self, wrong: BaseException) -> None:
        coming, self._head = self._head, None
        if coming is not None and not coming.done():
            coming.set_exception(wrong)
        elif self._answer is not None:
            self._answer.end(wrong)
            self._answer = None

    def _rest(self) -> None:
        self.used, self.idle_since = True, self.loop.time()
        self._idle(self)

    def abort(self) -> None:
        """Ends the connection at once, so that the service learns that nobody waits."""
        if not self.closed:
            self._transport.abort()
        if self._upload is not None:
            self._upload.cancel()

    def pause(self) -> None:
        self._transport.pause_reading()

    def resume(self) -> None:
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # pyright: ignore[reportAttributeAccessIssue]  a stream's transport always is one

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._writable.set()
        if self._answer is not None and exc is None and not self._framed():
            self._answer.end()
            self._answer = None
        self._fail(BadAnswer() if self._head_size or self._answer is not None else Broken())
        if self._upload is not None:
            self._upload.cancel()
        self._lost(self)

    def _framed(self) -> bool:
        """Whether the answer said where it ends; one that did not ends with the connection."""
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
        self._headers, self._head_size = [], 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_size += len(name) + len(value)
        if self._head_size > LARGEST_HEAD:
            raise BadAnswer
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            return
        coming, self._head = self._head, None
        if coming is None or coming.done():
            self._transport.abort()
            return
        self._answer = Answer(self, status, self._headers)
        coming.set_result(self._answer)

    def on_body(self, body: bytes) -> None:
        if self._answer is not None:
            self._answer.take(body)

    def on_message_complete(self) -> None:
        answer = self._answer
        if answer is None:
            return
        self._answer, self._head_size = None, 0
        answer.end()
        if not self._parser.should_keep_alive():
            self._transport.close()
        elif self._upload is None:
            self._rest()
