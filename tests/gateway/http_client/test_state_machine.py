"""Any order of asking, pausing, ending, closing and giving up: an answer goes to whoever asked, and nothing hangs."""

import asyncio
import contextlib
from asyncio import Task
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from gateway.http_client.aiohttp_transport import AiohttpTransport
from gateway.http_client.client import ConnectionPool, UpstreamClient, UpstreamTransport
from gateway.http_client.response import UpstreamResponse
from gateway.problems import BadAnswer, ServiceBusy, ServiceDown

REFUSALS = (BadAnswer, ServiceDown, ServiceBusy)
LARGE_BYTES = 400_000
"""More than the client buffers of a response that nobody reads."""


@dataclass(eq=False)
class ServerConnection:
    """The server's end of a connection, and the requests that have come on it without an answer."""

    writer: asyncio.StreamWriter
    asked: list[bytes] = field(default_factory=list[bytes])
    unsent: bytes = b""
    """The rest of an answer whose beginning was sent."""


class ScriptedServer:
    """Takes requests, and answers when it is told to."""

    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.url = ""
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        for connection in self.connections:
            connection.writer.transport.abort()
        if self._server is not None:
            self._server.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = ServerConnection(writer)
        self.connections.append(connection)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                connection.asked.append(head.split(b" ")[1])
        self.connections.remove(connection)
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@dataclass(eq=False)
class Asked:
    """A request of the client."""

    target: bytes
    task: Task[UpstreamResponse]


class ClientMachine(RuleBasedStateMachine):
    """Drives a client and a server that does what the rules say."""

    transport: Callable[[str], UpstreamTransport] = ConnectionPool
    requests = Bundle("requests")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.server = ScriptedServer()
        self.client = UpstreamClient(type(self).transport)
        self.number = 0
        self.asked: list[Asked] = []
        self.runner.run(self.server.start())

    def let_pass(self, seconds: float = 0.003) -> None:
        self.runner.run(asyncio.sleep(seconds))

    def _connection(self, index: int) -> ServerConnection | None:
        connections = self.server.connections
        return connections[index % len(connections)] if connections else None

    @rule(target=requests)
    def ask(self) -> Asked:
        self.number += 1
        target = b"/%d" % self.number

        async def start() -> Asked:
            task = asyncio.create_task(self.client.request(self.server.url, "GET", target, []))
            return Asked(target, task)

        request = self.runner.run(start())
        self.asked.append(request)
        self.let_pass()
        return request

    @rule(index=st.integers(0, 5), size=st.sampled_from([0, 100, LARGE_BYTES]), part=st.sampled_from([1, 0.5, 0.01]))
    def answer(self, index: int, size: int, part: float) -> None:
        """Answer the oldest request of a connection, whole or in part: less than a head, or some of the body."""
        connection = self._connection(index)
        if connection is None or not connection.asked or connection.unsent:
            return
        whole = _answer(connection.asked.pop(0), size)
        length = max(1, int(len(whole) * part))
        connection.unsent = whole[length:]
        self._write(connection, whole[:length])

    @rule(index=st.integers(0, 5))
    def finish_answer(self, index: int) -> None:
        connection = self._connection(index)
        if connection is not None and connection.unsent:
            data, connection.unsent = connection.unsent, b""
            self._write(connection, data)

    @rule(index=st.integers(0, 5), data=st.sampled_from([b"HTTP/1.1 200 OK\r\ncont", b"\r\n", b"junk"]))
    def send_what_was_not_asked_for(self, index: int, data: bytes) -> None:
        connection = self._connection(index)
        if connection is not None and not connection.asked and not connection.unsent:
            self._write(connection, data)

    @rule(index=st.integers(0, 5), politely=st.booleans())
    def end_connection(self, index: int, politely: bool) -> None:
        connection = self._connection(index)
        if connection is None:
            return

        async def end() -> None:
            if politely:
                connection.writer.close()
            else:
                connection.writer.transport.abort()

        self.runner.run(end())
        self.let_pass()

    @rule(request=consumes(requests))
    def give_up(self, request: Asked) -> None:
        """Stop waiting for the headers, or leave the response unread."""
        self.asked.remove(request)

        async def stop() -> None:
            request.task.cancel()
            with contextlib.suppress(asyncio.CancelledError, *REFUSALS):
                (await request.task).close()

        self.runner.run(stop())

    @rule(request=consumes(requests))
    def read(self, request: Asked) -> None:
        """Read a response whose headers are here, and leave if the rest does not come soon."""
        if request.task.done():
            self.asked.remove(request)
            self.runner.run(self._read(request, 0.05, may_leave=True))

    def _write(self, connection: ServerConnection, data: bytes) -> None:
        async def write() -> None:
            connection.writer.write(data)

        self.runner.run(write())
        self.let_pass()

    async def _read(self, request: Asked, seconds: float, *, may_leave: bool) -> None:
        body = b""
        try:
            response = await request.task
            try:
                async with asyncio.timeout(seconds):
                    body = await response.read()
            except TimeoutError:
                assert may_leave, "the response hangs although the service has sent it"
                return
            finally:
                response.close()
        except REFUSALS:
            return
        assert body.split(b" ")[0] == request.target, "somebody else's answer"

    @invariant()
    def whoever_has_headers_has_their_own(self) -> None:
        for request in self.asked:
            if request.task.done() and not request.task.cancelled() and request.task.exception() is None:
                assert request.task.result().status == 200

    def teardown(self) -> None:
        async def end() -> None:
            reading = [asyncio.create_task(self._read(request, 2, may_leave=False)) for request in self.asked]
            while not all(task.done() for task in reading):
                for connection in self.server.connections:
                    connection.writer.write(connection.unsent)
                    connection.unsent = b""
                    if connection.asked:
                        connection.writer.write(_answer(connection.asked.pop(0), 0))
                await asyncio.sleep(0.005)
            await asyncio.gather(*reading)
            await asyncio.sleep(0.01)
            for upstream in self.client.upstreams.values():
                assert upstream.slots.taken == 0, "a slot was not freed"
                if isinstance(upstream.transport, ConnectionPool):
                    assert all(connection.usable for connection in upstream.transport.open), "a connection is lost"
            await self.client.__aexit__(None, None, None)
            await self.server.stop()
            await asyncio.sleep(0.01)

        try:
            self.runner.run(end())
        finally:
            self.runner.close()


def _answer(target: bytes, size: int) -> bytes:
    body = target + b" " + b"z" * size
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("transport", [ConnectionPool, AiohttpTransport])
def test_an_answer_goes_to_whoever_asked_in_any_order_of_events(transport: Callable[[str], UpstreamTransport]) -> None:
    machine = type("Machine", (ClientMachine,), {"transport": staticmethod(transport)})
    run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType]  Hypothesis leaves its type open
        machine, settings=settings(max_examples=60, stateful_step_count=25, deadline=None)
    )
