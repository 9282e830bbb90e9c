import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import httpx
import pytest

from gateway.edge import authentication
from gateway.edge.rate_limits import RateLimiter
from gateway.rate_limit_policies import FAILED_SIGN_INS_OF_ADDRESS, RateLimitPolicy
from tests.gateway.world import Gateway, StartGateway

TEN_A_MINUTE = RateLimitPolicy("read", 10, 60)


class ManualClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def limiter_on(clock: ManualClock, *, factor: int = 1, max_callers: int = 100) -> RateLimiter:
    return RateLimiter(factor, max_callers=max_callers, clock=clock)


def test_the_whole_quota_may_be_used_at_once_and_comes_back_little_by_little() -> None:
    clock = ManualClock()
    limiter = limiter_on(clock)
    states = [limiter.take(TEN_A_MINUTE, "a") for _ in range(11)]
    assert [state.allowed for state in states] == [True] * 10 + [False]
    assert [state.remaining for state in states] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert (states[-1].retry_after, states[-1].reset_after) == (6, 60)
    clock.now += 6
    assert limiter.take(TEN_A_MINUTE, "a").allowed
    assert not limiter.take(TEN_A_MINUTE, "a").allowed


def test_asking_too_early_does_not_make_the_wait_longer() -> None:
    clock = ManualClock()
    limiter = limiter_on(clock)
    for _ in range(50):
        limiter.take(TEN_A_MINUTE, "a")
    assert limiter.take(TEN_A_MINUTE, "a").retry_after == 6


def test_callers_do_not_use_up_each_others_quota() -> None:
    limiter = limiter_on(ManualClock())
    for _ in range(20):
        limiter.take(TEN_A_MINUTE, "a")
    assert limiter.take(TEN_A_MINUTE, "b").remaining == 9


def test_peeking_does_not_count() -> None:
    limiter = limiter_on(ManualClock())
    assert limiter.peek(TEN_A_MINUTE, "a").remaining == 10
    limiter.take(TEN_A_MINUTE, "a")
    assert limiter.peek(TEN_A_MINUTE, "a").remaining == 9


def test_a_factor_widens_every_limit() -> None:
    assert limiter_on(ManualClock(), factor=100).take(TEN_A_MINUTE, "a").remaining == 999


def test_memory_is_bounded_and_the_longest_unseen_are_forgotten() -> None:
    limiter = limiter_on(ManualClock(), max_callers=100)
    for number in range(1000):
        limiter.take(TEN_A_MINUTE, str(number))
    assert len(limiter) == 100


def test_whoever_asked_a_moment_ago_is_not_the_one_who_is_forgotten() -> None:
    limiter = limiter_on(ManualClock(), max_callers=2)
    for caller in ("early", "quiet", "early", "new"):
        limiter.take(TEN_A_MINUTE, caller)
    assert [limiter.peek(TEN_A_MINUTE, caller).remaining for caller in ("early", "quiet", "new")] == [8, 10, 9]


async def test_a_caller_learns_what_is_left_and_when_to_come_back(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    response = await gateway.http.get("/v1/exports/evidence")
    assert response.headers["ratelimit-policy"] == '"files";q=30;w=60'
    assert response.headers["ratelimit"] == '"files";r=29;t=2'
    refused = await until_refused(lambda: gateway.http.get("/v1/exports/evidence"))
    assert refused.json()["title"] == "Too many requests"
    assert int(refused.headers["retry-after"]) in (1, 2)


async def until_refused(send: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """Send until a request is refused. On a slow machine some of a quota of 30 comes back while it is being used."""
    for number in range(60):
        response = await send()
        if response.status_code == 429:
            assert number >= 29
            return response
    raise AssertionError("never refused")


async def test_each_invitation_has_its_own_limit_and_all_share_a_wide_one(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()

    async def respond(invitation: str) -> int:
        headers = {"Invitation": invitation}
        return (await gateway.http.post("/v1/surveys/1/responses", json={}, headers=headers)).status_code

    assert [await respond("one") for _ in range(11)] == [200] * 10 + [429]
    assert await respond("two") == 200
    response = await gateway.http.post("/v1/surveys/1/responses", json={})
    assert response.headers["ratelimit-policy"] == '"responses-address";q=3000;w=60'


async def test_a_bad_credential_that_is_sent_again_and_again_is_slowed_down_and_no_neighbour(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway()
    bad = {"Authorization": "Bearer impact_session_nothing"}
    refused = await until_refused(lambda: gateway.http.get("/v1/evidence/x", headers=bad))
    assert refused.headers["retry-after"]
    assert (await gateway.http.get("/v1/evidence/x")).status_code == 200
    assert (await gateway.http.get("/v1/me", headers=await gateway.token("carer"))).status_code == 200
    another = {"Authorization": "Bearer impact_session_another"}
    assert (await gateway.http.get("/v1/me", headers=another)).status_code == 401


async def test_an_address_that_sends_many_bad_credentials_is_slowed_down_and_no_neighbour(
    start_gateway: StartGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = replace(FAILED_SIGN_INS_OF_ADDRESS, quota=5, seconds=3600)
    monkeypatch.setattr(authentication, "FAILED_SIGN_INS_OF_ADDRESS", policy)
    gateway = await start_gateway()

    async def send(number: int) -> int:
        bad = {"Authorization": f"Bearer impact_session_{number}"}
        return (await gateway.http.get("/v1/evidence/x", headers=bad)).status_code

    assert [await send(number) for number in range(7)] == [401] * 5 + [429] * 2
    statuses = asyncio.gather(*(send(number) for number in range(10, 30)))
    assert (await gateway.http.get("/v1/me", headers=await gateway.token("carer"))).status_code == 200
    assert await statuses == [429] * 20


async def test_signed_in_callers_are_counted_by_who_they_are(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    for persona in ("carer", "approver"):
        response = await gateway.http.get("/v1/exports/x", headers=await gateway.token(persona))
        assert response.headers["ratelimit"] == '"files";r=29;t=2'


async def test_requests_are_counted_in_the_metrics_without_naming_anyone(gateway: Gateway) -> None:
    await gateway.http.get("/v1/evidence/01a20734-31b3-770a-8381-24edc1b6e274")
    metrics = (await gateway.http.get("/metrics")).text
    assert 'impact_gateway_requests_total{limit="read",method="GET",service="evidence",status="200"}' in metrics
    assert "01a20734" not in metrics
