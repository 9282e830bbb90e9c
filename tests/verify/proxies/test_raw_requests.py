"""No raw request gets a second one past a proxy, nor anybody the answer to somebody else's.

A proxy gives an id to each request that it forwards. Whatever the gateway handles without one, or with another request
line than the proxy's, is a request that the proxy did not mean to send.
"""

import asyncio
import contextlib
import secrets
from collections import Counter
from collections.abc import AsyncGenerator, Collection
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from tests.conftest import FreshDatabase
from tests.gateway.http.raw_requests import RAW_REQUESTS
from tests.verify.proxies.recorder import RecordedGateway, recorded_gateway
from tests.verify.proxies.servers import ForwardedRequest, RunningProxy, run_go_proxy, run_haproxy, run_nginx

ATTACK_TIMEOUT_SECONDS = 0.3
"""How long to wait for the response to what may be incomplete."""
ANSWER_TIMEOUT_SECONDS = 10.0
LOG_CHECKS, LOG_INTERVAL_SECONDS = 25, 0.2
"""How often it is looked whether the proxies have written down what they forwarded."""
UPGRADE = "Upgrade: a request far down in the body"


class Attackers:
    """Sends raw requests through proxies, and each time asks as somebody else whether all is well."""

    def __init__(self, gateway: RecordedGateway, proxies: dict[str, RunningProxy]) -> None:
        self._gateway, self._proxies = gateway, proxies

    async def run(self, names: Collection[str]) -> dict[str, list[str]]:
        """Send the raw requests with these names through each proxy. Returns what came through, by proxy."""
        outcomes = await asyncio.gather(*(self._attack(proxy, names) for proxy in self._proxies.values()))
        confused = dict(zip(self._proxies, outcomes, strict=True))
        through = {name: answers for name, answers in confused.items() if answers}
        if unforwarded := await self._unforwarded():
            through["gateway"] = [describe(request) for request in unforwarded.elements()]
        return through

    async def _attack(self, proxy: RunningProxy, names: Collection[str]) -> list[str]:
        """Return the raw requests after which somebody had an answer that is not theirs."""
        confused: list[str] = []
        for number, request in enumerate(RAW_REQUESTS):
            if request.name in names:
                sent = request.sent.replace(b"hidden-000", b"hidden-%03d" % number)
                victims = [f"victim-{secrets.token_hex(8)}" for _ in range(2)]
                async with connection(proxy) as (reader, writer):
                    writer.write(sent)
                    received = await read(reader, ATTACK_TIMEOUT_SECONDS)
                    answers = [await ask(proxy, victim) for victim in victims]
                    received += await read(reader, 0.0)
                confused += [f"{request.name}: {answer}" for answer in answers if answer is not None]
                if b"victim-" in received:
                    confused.append(f"{request.name}: the attacker had the victim's answer")
        return confused

    async def _unforwarded(self) -> Counter[ForwardedRequest]:
        """Return what the gateway took for requests that no proxy forwarded, once the proxies have written all down."""
        for _ in range(LOG_CHECKS):
            if not self._gateway.unforwarded(self.forwarded()):
                break
            await asyncio.sleep(LOG_INTERVAL_SECONDS)
        return self._gateway.unforwarded(self.forwarded())

    def forwarded(self) -> Counter[ForwardedRequest]:
        """Return what the proxies forwarded until now."""
        logs = {proxy.log: proxy for proxy in self._proxies.values()}
        return sum((proxy.forwarded() for proxy in logs.values()), Counter[ForwardedRequest]())


def describe(request: ForwardedRequest) -> str:
    """Return a request, and the name of the raw request that it was hidden in."""
    _, _, number = request.target.partition("hidden-")
    name = RAW_REQUESTS[int(number[:3])].name if number[:3].isdigit() else "unknown"
    return f"{name}: {request.method} {request.target[:100]}, id {request.id[:100] or 'none'}"


@asynccontextmanager
async def connection(proxy: RunningProxy) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    address = urlsplit(proxy.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def read(reader: asyncio.StreamReader, timeout_seconds: float) -> bytes:
    """Return the next bytes, or none if there are none in time or the connection ends."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(timeout_seconds):
            return await reader.read(1 << 20)
    return b""


async def ask(proxy: RunningProxy, name: str) -> str | None:
    """Ask for something of this name. Returns what came instead of the answer, if anything did."""
    path = f"/v1/evidence/{name}"
    head = f"GET {path} HTTP/1.1\r\nHost: a\r\nX-Request-Id: {name}\r\nConnection: close\r\n\r\n"
    received = bytearray()
    async with connection(proxy) as (reader, writer):
        writer.write(head.encode())
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                while chunk := await reader.read(1 << 16):
                    received += chunk
        except (TimeoutError, ConnectionError) as error:
            return f"{type(error).__name__} after {bytes(received[:200])!r}"
    headers, _, body = received.partition(b"\r\n\r\n")
    is_own = headers.startswith(b"HTTP/1.1 200 ") and f"x-request-id: {name}\r\n".encode() in headers.lower() + b"\r\n"
    if is_own and path.encode() in body:
        return None
    return bytes(received[:300]).decode("latin-1")


@asynccontextmanager
async def attackers(
    fresh_database: FreshDatabase, go_executable: Path, folder: Path, http: Literal["httptools"] | None = None
) -> AsyncGenerator[tuple[Attackers, RecordedGateway]]:
    """Run a gateway on our HTTP server or uvicorn's, and every proxy before it."""
    folders = {name: folder / name for name in ("nginx", "haproxy", "go")}
    for place in folders.values():
        place.mkdir()
    async with recorded_gateway(await fresh_database("gateway"), http) as gateway:
        with ExitStack() as stack:
            proxies = {
                **stack.enter_context(run_nginx(gateway.url, folders["nginx"])),
                "haproxy": stack.enter_context(run_haproxy(gateway.url, folders["haproxy"])),
                "go": stack.enter_context(run_go_proxy(gateway.url, folders["go"], go_executable)),
            }
            yield Attackers(gateway, proxies), gateway


async def test_no_raw_request_comes_through(fresh_database: FreshDatabase, go_executable: Path, tmp_path: Path) -> None:
    async with attackers(fresh_database, go_executable, tmp_path) as (running, gateway):
        assert await running.run([request.name for request in RAW_REQUESTS]) == {}
        forwarded = running.forwarded()
    # Else nothing would be proved: the proxies send many requests, of several clients, over few connections.
    assert len(forwarded) > 10 * len(RAW_REQUESTS)
    assert gateway.requests_per_connection() > 3


async def test_uvicorn_alone_lets_an_upgrade_through(
    fresh_database: FreshDatabase, go_executable: Path, tmp_path: Path
) -> None:
    """Show that the test above would see it."""
    async with attackers(fresh_database, go_executable, tmp_path, "httptools") as (running, _gateway):
        through = await running.run([UPGRADE])
    assert any(line.startswith(f"{UPGRADE}: GET /v1/evidence/hidden-") for line in through["gateway"])
    assert any(line.startswith(UPGRADE) for line in through["nginx, upgrades"])
