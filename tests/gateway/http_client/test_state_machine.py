"""Any order of asking, pausing, ending, closing and giving up: an answer goes to whoever asked, and nothing hangs.

Whoever changes the rules plants faults in the client and sees them found: a connection given back while it is paused,
one not ended by a byte at rest, a POST that is repeated, a slot that is not freed.
"""

import asyncio
import contextlib
from asyncio import Task
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test

from gateway.http_client.aiohttp_transport import AiohttpTransport
from gateway.http_client.client import ConnectionPool, Payload, UpstreamClient, UpstreamTransport
from gateway.http_client.connection import State, UpstreamConnection
from gateway.http_client.response import UpstreamResponse
from gateway.problems import BadAnswer, ServiceBusy, ServiceDown
from tests.gateway.http_client.scripted_server import ScriptedServer, ServerConnection

REFUSALS = (BadAnswer, ServiceDown, ServiceBusy)
LARGE_BYTES = 400_000
"""More than the client buffers of a response that nobody reads."""
PATIENCE_SECONDS = 1.0
UNASKED = (b"HTTP/1.1 200 OK\r\ncont", b"\r\n", b"junk")


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

    def _connections_at_rest(self) -> set[UpstreamConnection]:
        transports = [upstream.transport for upstream in self.client.upstreams.values()]
        pools = [transport for transport in transports if isinstance(transport, ConnectionPool)]
        return {connection for pool in pools for connection in pool.open if connection.state is State.IDLE}

    @rule(target=requests, body=st.sampled_from(["none", "small", "chunks"]))
    def ask_for(self, body: str) -> Asked:
        return self.ask(body)

    def ask(self, body: str) -> Asked:
        """Send a GET, or a POST with a body."""
        self.number += 1
        method = "GET" if body == "none" else "POST"
        target = b"/%s/%d" % (method.encode(), self.number)
        payload: Payload = {"none": None, "small": b"{}", "chunks": _chunks()}[body]

        async def start() -> Asked:
            task = asyncio.create_task(self.client.request(self.server.url, method, target, [], payload))
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
        target = connection.asked.pop(0)
        whole = _answer(target, size)
        length = max(1, int(len(whole) * part))
        connection.unsent = whole[length:]
        self._write(connection, whole[:length])
        if not connection.unsent:
            self._expect_headers(connection, target)

    @rule(target=requests, size=st.sampled_from([0, LARGE_BYTES]))
    def exchange(self, size: int) -> Asked:
        """Ask and answer whole, so that a connection is at rest, whether its response is read later or not."""
        request = self.ask("none")
        for connection in self.server.connections:
            if connection.asked == [request.target] and not connection.unsent:
                self._write(connection, _answer(connection.asked.pop(), size))
                self._expect_headers(connection, request.target)
                break
        return request

    @rule(target=requests, body=st.sampled_from(["none", "small"]))
    def ask_on_a_connection_that_closes(self, body: str) -> Asked:
        request = self.ask(body)
        for connection in self.server.connections:
            if connection.asked == [request.target]:
                self._end(connection, politely=True)
                break
        return request

    @rule(index=st.integers(0, 5))
    def end_under_a_request(self, index: int) -> None:
        connections = [connection for connection in self.server.connections if connection.asked]
        if connections:
            self._end(connections[index % len(connections)], politely=True)

    @rule(index=st.integers(0, 5))
    def finish_answer(self, index: int) -> None:
        connection = self._connection(index)
        if connection is not None and connection.unsent:
            data, connection.unsent = connection.unsent, b""
            self._write(connection, data)

    def _expect_headers(self, connection: ServerConnection, target: bytes) -> None:
        """Wait until whoever asked for this has its headers, unless the connection has ended."""

        async def arrive() -> None:
            waiting = [request.task for request in self.asked if request.target == target]
            deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
            while not all(task.done() for task in waiting) and connection in self.server.connections:
                assert asyncio.get_running_loop().time() < deadline, "an answer does not reach whoever asked"
                await asyncio.sleep(0.001)

        if not connection.writer.is_closing():
            self.runner.run(arrive())

    @rule(data=st.sampled_from(UNASKED))
    def send_what_was_not_asked_for_to_all(self, data: bytes) -> None:
        """Whatever is at rest ends."""
        at_rest = self._connections_at_rest()

        async def send() -> None:
            for connection in self.server.connections:
                if not connection.asked and not connection.unsent:
                    connection.writer.write(data)
            deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
            while at_rest & self._connections_at_rest():
                assert asyncio.get_running_loop().time() < deadline, "a connection outlives what was not asked for"
                await asyncio.sleep(0.001)

        self.runner.run(send())

    @rule(index=st.integers(0, 5), data=st.sampled_from(UNASKED))
    def send_what_was_not_asked_for(self, index: int, data: bytes) -> None:
        connection = self._connection(index)
        if connection is not None and not connection.asked and not connection.unsent:
            self._write(connection, data)

    @rule(index=st.integers(0, 5), politely=st.booleans())
    def end_connection(self, index: int, politely: bool) -> None:
        connection = self._connection(index)
        if connection is not None:
            self._end(connection, politely=politely)

    def _end(self, connection: ServerConnection, *, politely: bool) -> None:
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
            deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
            while any(request.target in connection.asked for connection in self.server.connections):
                assert asyncio.get_running_loop().time() < deadline, "the service works for somebody who has left"
                await asyncio.sleep(0.001)

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
            async with asyncio.timeout(seconds):
                response = await request.task
                try:
                    body = await response.read()
                finally:
                    response.close()
        except TimeoutError:
            assert may_leave, "the response hangs although the service has sent it"
            return
        except REFUSALS:
            return
        assert body.split(b" ")[0] == request.target, "somebody else's answer"

    @invariant()
    def whoever_has_headers_has_their_own(self) -> None:
        for request in self.asked:
            if request.task.done() and not request.task.cancelled() and request.task.exception() is None:
                assert request.task.result().status == 200

    @invariant()
    def only_a_read_is_repeated_and_only_once(self) -> None:
        for target, count in self.server.received.items():
            assert count <= (2 if target.startswith(b"/GET/") else 1), "a request was sent too often"

    @invariant()
    def whoever_has_left_holds_no_slot(self) -> None:
        for upstream in self.client.upstreams.values():
            assert upstream.slots.taken <= len(self.asked), "a slot was not freed"

    def teardown(self) -> None:
        async def end() -> None:
            reading = [
                asyncio.create_task(self._read(request, PATIENCE_SECONDS, may_leave=False)) for request in self.asked
            ]
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


async def _chunks() -> AsyncIterator[bytes]:
    yield b"abcd"


def _answer(target: bytes, size: int) -> bytes:
    body = target + b" " + b"z" * size
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("transport", [ConnectionPool, AiohttpTransport])
def test_an_answer_goes_to_whoever_asked_in_any_order_of_events(transport: Callable[[str], UpstreamTransport]) -> None:
    machine = type("Machine", (ClientMachine,), {"transport": staticmethod(transport)})
    run_state_machine_as_test(  # pyright: ignore[reportUnknownMemberType]  Hypothesis leaves its type open
        machine, settings=settings(max_examples=60, stateful_step_count=25, deadline=None)
    )
