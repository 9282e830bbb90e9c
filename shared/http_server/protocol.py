"""uvicorn's HTTP/1.1 protocol behind the check of each head, with limits in bytes and time.

The body of one request never becomes the next request: its length is settled by the check, and no byte of a next head
is parsed before the response to this request is complete.
"""

import asyncio
import re
import socket
import struct
from enum import Enum, auto
from functools import partial
from typing import Any, Final, cast

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from shared.http_server.addresses import network_of
from shared.http_server.head import CHUNKED, check_head
from shared.http_server.problems import HeadersTooLarge, RequestNotUnderstood, RequestTooSlow, TooManyConnections
from shared.http_server.refusal import as_last_response
from shared.http_server.server import HttpServer
from shared.http_server.stall import Stall
from shared.http_server.trailers import DiscardedTrailers
from shared.problems import Problem

END_OF_HEAD: Final = b"\r\n\r\n"
MAX_CHUNK_OVERHEAD_BYTES: Final = 16 * 1024
"""How much of a chunked body may come without a byte of what is in it: extensions and trailers."""
LINGER_SECONDS: Final = 2.0
"""How long a refused client may go on sending, so that it can read the refusal before the connection closes."""
RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
"""As SO_LINGER: on, for no time."""

_bare_line_feed = re.compile(rb"(?<!\r)\n")


class _Expects(Enum):
    HEAD = auto()
    BODY = auto()
    """So many bytes."""
    CHUNKS = auto()
    NOTHING = auto()
    """What still comes is dropped: the connection is about to close."""


class HttpProtocol(HttpToolsProtocol):
    """One connection of a client."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        server: HttpServer,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.access_log = False
        """The gateway logs requests itself, without their paths: some hold a token."""
        self._http_server, self._limits = server, server.limits
        self._expects = _Expects.HEAD
        self._buffer = b""
        """What has come of the next head."""
        self._remaining = 0
        """Bytes of the body that have not come yet, where its length is known."""
        self._overhead_bytes = 0
        """What has come of a chunked body since its last byte of content."""
        self._keeps_alive = True
        """Whether the connection outlives the response, once the client has begun to send a body it asks about."""
        self._complete = False
        """Whether the parser has seen the end of the request."""
        self._since = 0.0
        """By the loop's clock: when the current wait for the client began."""
        self._received_bytes = 0
        """Of the body, in the current window."""
        self._stall = Stall(server.limits.write_timeout_seconds)
        self._counted_network: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))  # as a stream's always is
        server = self._http_server
        self._since = self.loop.time()
        server.connections.add(self)
        server.schedule_check(self.loop)
        if server.counts_connections and self.client and not self._limits.trusts(self.client[0]):
            network = self._counted_network = network_of(self.client[0])
            server.by_network[network] += 1
            if server.by_network[network] > self._limits.max_connections_per_address:
                self._refuse(TooManyConnections(connections=self._limits.max_connections_per_address))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        server = self._http_server
        server.connections.discard(self)
        self._expects = _Expects.NOTHING
        if self._counted_network is not None:
            server.by_network[self._counted_network] -= 1
            if server.by_network[self._counted_network] <= 0:
                del server.by_network[self._counted_network]

    def data_received(self, data: bytes) -> None:
        while data:
            if self._expects is _Expects.HEAD:
                data = self._receive_head(data)
            elif self._expects is _Expects.BODY:
                part = data[: self._remaining]
                data = data[self._remaining :]
                self._remaining -= len(part)
                self._received_bytes += len(part)
                self._feed(part)
            elif self._expects is _Expects.CHUNKS:
                self._received_bytes += len(data)
                self._overhead_bytes += len(data)
                self._feed(data)
                if self._expects is _Expects.CHUNKS and self._overhead_bytes > MAX_CHUNK_OVERHEAD_BYTES:
                    self._refuse(RequestNotUnderstood(part="body"))
                return
            else:
                return

    def _receive_head(self, data: bytes) -> bytes:
        """Buffer the data until a head is whole and no response is under way; returns what came after that head."""
        searched = max(0, len(self._buffer) - len(END_OF_HEAD) + 1)
        if self._buffer:
            data = self._buffer + data
        if self._is_responding():
            self._buffer = data
            if len(data) > self._limits.max_head_bytes:
                self.flow.pause_reading()
            return b""
        end = data.find(END_OF_HEAD, searched)
        if end < 0:
            if not self._buffer:
                self._since = self.loop.time()
            self._buffer = data
            if len(data) > self._limits.max_head_bytes:
                self._refuse(HeadersTooLarge(count=self._limits.max_headers, bytes=self._limits.max_head_bytes))
            elif not data[:1].isupper() or _bare_line_feed.search(data, searched):
                self._refuse(RequestNotUnderstood(part="request line"))
            return b""
        self._buffer = b""
        end += len(END_OF_HEAD)
        self._start(data[:end])
        return data[end:]

    def _is_responding(self) -> bool:
        return bool(self.cycle) and not (self.cycle.response_complete or self.cycle.disconnected)

    def _start(self, head: bytes) -> None:
        try:
            head, length = check_head(head, self._limits)
        except Problem as error:
            self._refuse(error)
            return
        self._complete = False
        self._remaining = length
        self._feed(head)
        if self._expects is not _Expects.HEAD:
            return
        if self._http_server.draining:
            self.cycle.keep_alive = False
        if self._complete:
            self.cycle.waiting_for_100_continue = False
        elif length and self.cycle.waiting_for_100_continue:
            # Who is refused before being told to go on may leave the body out: what comes next is then not known.
            self._keeps_alive, self.cycle.keep_alive = self.cycle.keep_alive, False
        if length == CHUNKED:
            self._expects = _Expects.CHUNKS
            self._overhead_bytes = 0
            self.headers = DiscardedTrailers()
        elif length:
            self._expects = _Expects.BODY
        elif not self._complete:
            self._abort()
        self._since, self._received_bytes = self.loop.time(), 0

    def _feed(self, data: bytes) -> None:
        if self.parser is None:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._abort()
        except httptools.HttpParserError:
            if self._complete:
                # Something came behind a chunked body before its response: it is not read, as if it had not come.
                self._close_after_response()
            else:
                self._refuse(RequestNotUnderstood(part="body" if self._expects is not _Expects.HEAD else "head"))
        else:
            if self._complete and self._expects is not _Expects.HEAD:
                self._expects, self._since = _Expects.HEAD, self.loop.time()
            elif self._expects is _Expects.BODY and not self._remaining:
                self._abort()

    def on_message_begin(self) -> None:
        if self._expects is not _Expects.HEAD:
            raise ValueError("a request inside the body of another")
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._overhead_bytes = 0
        if self.expect_100_continue and not self.cycle.response_started:
            self.cycle.keep_alive, self.cycle.waiting_for_100_continue = self._keeps_alive, False
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._complete = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, or begin it if it has come."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self._expects is _Expects.HEAD:
            self._since = self.loop.time()
            data, self._buffer = self._buffer, b""
            self.data_received(data)

    def shutdown(self) -> None:
        """Close when nothing is under way, also where the client has yet to send a body that it asks about."""
        self._keeps_alive = False
        super().shutdown()

    def _close_after_response(self) -> None:
        self._expects = _Expects.NOTHING
        if self._is_responding():
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    def _abort(self) -> None:
        self._expects = _Expects.NOTHING
        self.transport.abort()

    def _reset(self) -> None:
        """Close at once, and let the kernel drop what it still holds for the client instead of waiting for it."""
        connection: socket.socket = self.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self._abort()

    def _refuse(self, problem: Problem) -> None:
        """Send the problem and close; without it where a response has started. The application sees a disconnection."""
        is_answered = self._expects in (_Expects.BODY, _Expects.CHUNKS) and self.cycle.response_complete
        self._expects = _Expects.NOTHING
        self._buffer = b""
        if self.transport.is_closing():
            return
        if is_answered:
            self.transport.close()
            return
        if self._is_responding():
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if self.cycle.response_started:
                self.transport.abort()
                return
        default_headers = self.server_state.default_headers
        self.transport.write(as_last_response(problem, self._http_server.public_url, default_headers))
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self._since = self.loop.time()

    def check_time(self, now: float) -> None:
        """Refuse or close a connection on which the client keeps the server waiting."""
        if self._stall.is_over(now, self.transport.get_write_buffer_size()):
            self._reset()
        elif self._expects is _Expects.NOTHING:
            lingers = not self._is_responding() and not self.transport.get_write_buffer_size()
            if lingers and now - self._since > LINGER_SECONDS:
                self.transport.abort()
        elif self._expects is _Expects.HEAD:
            if self._is_responding():
                return
            if self._buffer:
                if now - self._since > self._limits.head_timeout_seconds:
                    self._refuse(RequestTooSlow())
            elif now - self._since > self._limits.idle_timeout_seconds:
                self._expects = _Expects.NOTHING
                self.transport.close()
        elif self.flow.read_paused:
            self._since, self._received_bytes = now, 0
        elif (waited := now - self._since) > self._limits.body_window_seconds:
            if self._received_bytes < waited * self._limits.min_body_bytes_per_second:
                self._refuse(RequestTooSlow())
            self._since, self._received_bytes = now, 0


def http_protocol(server: HttpServer, protocol: "type[HttpProtocol]" = HttpProtocol) -> type[asyncio.Protocol]:
    """Return what makes the protocol of each new connection, for `uvicorn.Config(http=...)`."""
    return cast("type[asyncio.Protocol]", partial(protocol, server=server))
