"""One connection to a service: writes a request, parses its response, and is then free for the next."""

import asyncio
import select
import socket
import struct
from asyncio import Future, Task, Transport
from collections.abc import AsyncIterator, Callable
from enum import Enum, auto
from typing import Final, cast

import httptools

from gateway.http.request import Headers
from gateway.http_client.response import ConnectionBroken, UpstreamResponse
from gateway.problems import BadAnswer

MAX_HEAD_BYTES: Final = 64 * 1024
"""Of the names and values of a response's headers, and of its trailers."""
ACKNOWLEDGED_BYTES: Final = struct.Struct("=120xQ")
"""`tcpi_bytes_acked` in Linux's `struct tcp_info` (linux/tcp.h), since Linux 4.1."""
MAX_STATUS: Final = 599
"""RFC 9110, section 15: others are not valid, and no server could send them on."""


class State(Enum):
    """What a connection is doing."""

    IDLE = auto()
    """It may take a request. Any byte that comes now was not asked for, and ends it."""
    ASKING = auto()
    """A request was sent; the headers of its response are not here yet."""
    ANSWERING = auto()
    """The body of the response is coming."""
    DRAINING = auto()
    """The response is complete, while the request is still being sent or the service closes the connection."""
    CLOSED = auto()


class UpstreamConnection(asyncio.Protocol):
    """Speaks HTTP/1.1, one request at a time; `on_idle` is called when it may take another, `on_closed` at its end."""

    def __init__(
        self, on_idle: Callable[["UpstreamConnection"], None], on_closed: Callable[["UpstreamConnection"], None]
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.state = State.IDLE
        self.reused = False
        """Whether it has served a request before, so that the service may be about to close it."""
        self.idle_since = 0.0
        """By the loop's clock."""
        self._on_idle, self._on_closed = on_idle, on_closed
        self._transport: Transport
        self._parser = httptools.HttpResponseParser(self)
        self._headers: Headers = []
        self._head_bytes = 0
        self._has_received = False
        """Whether any byte has come since the request was sent."""
        self._acknowledged_bytes: int | None = None
        """How many bytes of all requests before the current one the service's machine has taken; None if unknown."""
        self._pending: Future[UpstreamResponse] | None = None
        """Resolved when the headers of the response have arrived."""
        self._response: UpstreamResponse | None = None
        """The response to the current request, once its headers are here."""
        self._upload: Task[None] | None = None
        self._chunked = False
        """Whether the current request is sent in chunks."""
        self._paused = False
        self._writable = asyncio.Event()
        self._writable.set()

    @property
    def usable(self) -> bool:
        """Whether a request may be sent on it."""
        return self.state is State.IDLE and not self._transport.is_closing()

    def has_unread_bytes(self) -> bool:
        """Return whether the service has closed it, or sent what was not asked for, and the loop does not know yet."""
        poll = select.poll()
        poll.register(self._transport.get_extra_info("socket").fileno(), select.POLLIN)
        return bool(poll.poll(0))

    def _count_acknowledged_bytes(self) -> int | None:
        """Return how many bytes of all requests the service's machine has taken; None where the system does not say."""
        if (option := getattr(socket, "TCP_INFO", None)) is None:
            return None
        connection: socket.socket = self._transport.get_extra_info("socket")
        tcp_info = connection.getsockopt(socket.IPPROTO_TCP, option, ACKNOWLEDGED_BYTES.size)
        return ACKNOWLEDGED_BYTES.unpack(tcp_info)[0] if len(tcp_info) == ACKNOWLEDGED_BYTES.size else None

    def _took_nothing(self, exc: Exception | None) -> bool:
        """Return whether the service closed in good order, and its machine took no byte of the current request.

        One that reads a byte and closes has acknowledged it. A reset says nothing of the kind.
        """
        before = self._acknowledged_bytes
        return exc is None and before is not None and before == self._count_acknowledged_bytes()

    async def request(
        self, head: bytes, stream: AsyncIterator[bytes] | None, *, chunked: bool, repeatable: bool = False
    ) -> UpstreamResponse:
        """Send a request, not a HEAD: `head`, then the chunks of `stream`. Raises ConnectionBroken, BadAnswer.

        Whether the service took any of one that is `repeatable` does not matter, and the system is not asked.
        """
        if not self.usable:
            raise ConnectionBroken
        self.state, self._has_received, self._response = State.ASKING, False, None
        self._chunked = chunked
        must_count = self.reused and not repeatable
        self._acknowledged_bytes = self._count_acknowledged_bytes() if must_count else None
        pending = self._pending = self.loop.create_future()
        self._transport.write(head)
        if stream is not None:
            self._upload = self.loop.create_task(self._send(stream, chunked))
            self._upload.add_done_callback(self._upload_done)
        try:
            return await pending
        except BaseException:
            # Whoever waited has gone: their response is nobody's, even if its headers came in the same moment. If all
            # of it has come, the connection may work for somebody else by now.
            if self._pending is pending:
                self.abort()
            elif not pending.cancelled() and pending.exception() is None:
                self.abandon(pending.result())
            raise

    async def _send(self, stream: AsyncIterator[bytes], chunked: bool) -> None:
        async for chunk in stream:
            if not self._writable.is_set():
                await self._writable.wait()
            if self.state is State.CLOSED:
                return
            self._transport.write(b"%x\r\n%b\r\n" % (len(chunk), chunk) if chunked else chunk)
        if chunked and self.state is not State.CLOSED:
            self._transport.write(b"0\r\n\r\n")

    def _upload_done(self, upload: Task[None]) -> None:
        self._upload = None
        error = None if upload.cancelled() else upload.exception()
        if error is not None:
            self._fail(error)
        else:
            self._become_idle_if_done()

    def _become_idle_if_done(self) -> None:
        """Become idle if request and response are complete: the one place that gives a connection back.

        Not after chunks: a response may come before the service has read them all, and a server like ours then reads
        nothing that comes in one piece with the last of them (docs/decisions/2026-11-30-http-parser.md).
        """
        if self.state is not State.DRAINING or self._upload is not None or self._transport.is_closing():
            return
        if self._chunked:
            self._transport.close()
            return
        self.state, self.reused, self.idle_since = State.IDLE, True, self.loop.time()
        self._response = None
        self._on_idle(self)

    def _fail(self, error: BaseException) -> None:
        """End the connection and with it the current request."""
        pending, self._pending = self._pending, None
        if pending is not None and not pending.done():
            pending.set_exception(error)
        if self._response is not None and self.state is State.ANSWERING:
            self._response.finish(error)
        self.abort()

    def abandon(self, response: UpstreamResponse) -> None:
        """End the connection if it still works for this response, whose reader has left."""
        if self._response is response:
            self.abort()

    def abort(self) -> None:
        """Close the connection at once, so that the service learns that nobody waits."""
        if self.state is not State.CLOSED:
            self._transport.abort()
        if self._upload is not None:
            self._upload.cancel()

    def pause(self) -> None:
        """Read no more from the service for now."""
        if not self._paused and self.state is not State.CLOSED:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read from the service again."""
        if self._paused:
            self._paused = False
            if not self._transport.is_closing():
                self._transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("Transport", transport)  # as a stream's always is

    def connection_lost(self, exc: Exception | None) -> None:
        state, self.state = self.state, State.CLOSED
        self._writable.set()
        if state is State.ANSWERING and self._response is not None:
            self._response.finish(None if exc is None and not self._is_framed() else BadAnswer())
        pending, self._pending = self._pending, None
        if pending is not None and not pending.done():
            took_nothing = not self._has_received and self._took_nothing(exc)
            pending.set_exception(BadAnswer() if self._has_received else ConnectionBroken(took_nothing=took_nothing))
        if self._upload is not None:
            self._upload.cancel()
        # Both refer to this connection: with them it would only go, and its buffers, when garbage is next collected.
        self._response = None
        del self._parser
        self._on_closed(self)

    def _is_framed(self) -> bool:
        """Return whether the response says where it ends; one that does not ends with the connection."""
        return any(name in (b"content-length", b"transfer-encoding") for name, _ in self._headers)

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        if self.state in (State.IDLE, State.DRAINING):
            self.abort()
            return
        self._has_received = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(BadAnswer())
        else:
            self._become_idle_if_done()

    def on_message_begin(self) -> None:
        if self.state is not State.ASKING:
            raise ValueError("a response that was not asked for")
        self._headers, self._head_bytes = [], 0

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > MAX_HEAD_BYTES:
            raise ValueError("the headers are too large")
        if self.state is State.ASKING:  # else a trailer, which is nobody's header
            self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if 100 <= status < 200:
            return
        if not 200 <= status <= MAX_STATUS:
            raise ValueError("a status that HTTP does not have")
        encodings = [value.lower() for name, value in self._headers if name == b"transfer-encoding"]
        if encodings and encodings != [b"chunked"]:
            raise ValueError("a transfer coding that was not asked for")
        pending, self._pending = self._pending, None
        if pending is None or pending.done():
            raise ValueError("nobody waits for the response")
        self.state, self._head_bytes = State.ANSWERING, 0
        self._response = UpstreamResponse(self, status, self._headers)
        pending.set_result(self._response)

    def on_body(self, body: bytes) -> None:
        if self._response is not None:
            self._response.feed(body)

    def on_message_complete(self) -> None:
        if self.state is not State.ANSWERING or self._response is None:
            return  # an interim response
        self.state = State.DRAINING
        self.resume()
        self._response.finish()
        if not self._parser.should_keep_alive():
            self._transport.close()
