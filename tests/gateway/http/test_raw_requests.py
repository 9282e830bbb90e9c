"""Each raw request is either refused, or is exactly the requests that it says it is."""

import asyncio
import re
from collections import Counter
from typing import Any, NamedTuple

import pytest

from tests.gateway.http.raw_requests import RAW_REQUESTS
from tests.gateway.http.raw_requests.case import RawRequest
from tests.gateway.servers import caller_in, header
from tests.gateway.world import Gateway

CONNECTIONS = 40
ANSWER_TIMEOUT_SECONDS = 5.0
QUIET_SECONDS = 0.3
"""How long nothing more must come before no more is expected."""
HEAD = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r]*\r\n((?:[^\r]+\r\n)*)\r\n")


class Exchange(NamedTuple):
    statuses: tuple[int, ...]
    closes: bool


async def send(gateway: Gateway, request: RawRequest) -> tuple[bytes, bool]:
    """Send the bytes. Returns what comes until the gateway closes or has nothing more to say, and whether it closed."""
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    received = bytearray()
    try:
        writer.write(request.sent)
        while True:
            complete = not request.closes and len(responses(received)) >= len(request.statuses)
            async with asyncio.timeout(QUIET_SECONDS if complete else ANSWER_TIMEOUT_SECONDS):
                chunk = await reader.read(65_536)
            if not chunk:
                return bytes(received), True
            received += chunk
    except TimeoutError:
        return bytes(received), False
    except ConnectionError:
        return bytes(received), True
    finally:
        writer.transport.abort()


def responses(received: bytes | bytearray) -> list[tuple[int, bytes]]:
    """Return the status and the headers of each response."""
    return [(int(status), headers) for status, headers in HEAD.findall(received)]


@pytest.fixture
async def received(gateway: Gateway) -> dict[str, tuple[bytes, bool]]:
    """Send all raw requests at once, and return what came back by name."""
    free = asyncio.Semaphore(CONNECTIONS)

    async def send_one(request: RawRequest) -> tuple[bytes, bool]:
        async with free:
            return await send(gateway, request)

    outcomes = await asyncio.gather(*(send_one(request) for request in RAW_REQUESTS))
    return {request.name: outcome for request, outcome in zip(RAW_REQUESTS, outcomes, strict=True)}


async def test_a_raw_request_is_refused_or_is_what_it_says(
    gateway: Gateway, received: dict[str, tuple[bytes, bool]]
) -> None:
    outcomes = {
        name: Exchange(tuple(status for status, _ in responses(answer)), closed)
        for name, (answer, closed) in received.items()
    }
    expected = {request.name: Exchange(request.statuses, request.closes) for request in RAW_REQUESTS}
    differing = {name: (outcomes[name], expected[name]) for name in expected if outcomes[name] != expected[name]}
    assert differing == {}
    # A request whose body breaks reaches the service as one that the gateway broke off.
    reached = Counter(summary(request) for request in gateway.service.requests if request["complete"])
    assert reached == Counter(line for request in RAW_REQUESTS for line in request.forwarded)
    for request in gateway.service.requests:
        assert caller_in(request).anonymous
        assert "forged" not in "".join(header(request, name) or "" for name in ("x-request-id", "authorization"))
        assert header(request, "upgrade") is None
    refusals = [
        (status, headers, answer)
        for answer, _ in received.values()
        for status, headers in responses(answer)
        if status >= 400
    ]
    assert [answer for _, headers, answer in refusals if b"content-type: application/problem+json" not in headers] == []


def summary(request: dict[str, Any]) -> str:
    """Return a request as the stub service received it, in the words of `RawRequest.forwarded`."""
    query = f"?{request['query']}" if request["query"] else ""
    return f"{request['method']} {request['path']}{query} {request['body_bytes']}"
