from collections.abc import Awaitable, Callable

import httpx
import pytest

from gateway.edge.rate_limits import Limits, Policy, network_of
from tests.gateway.world import Gateway, StartGateway


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def limits(time: Time, *, factor: int = 1, most: int = 100) -> Limits:
    return Limits(factor, most=most, clock=time, policies={"read": Policy("read", 10, 60)})


def test_the_whole_quota_may_be_used_at_once_and_comes_back_little_by_little() -> None:
    time = Time()
    ours = limits(time)
    taken = [ours.take("read", "a") for _ in range(11)]
    assert [verdict.allowed for verdict in taken] == [True] * 10 + [False]
    assert [verdict.remaining for verdict in taken] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]
    assert (taken[-1].retry_after, taken[-1].whole_again) == (6, 60)
    time.now += 6
    assert ours.take("read", "a").allowed
    assert not ours.take("read", "a").allowed


def test_asking_too_early_does_not_make_the_wait_longer() -> None:
    time = Time()
    ours = limits(time)
    for _ in range(50):
        ours.take("read", "a")
    assert ours.take("read", "a").retry_after == 6


def test_callers_do_not_use_up_each_others_quota() -> None:
    ours = limits(Time())
    for _ in range(20):
        ours.take("read", "a")
    assert ours.take("read", "b").remaining == 9


def test_looking_does_not_count() -> None:
    ours = limits(Time())
    assert ours.spent("read", "a").remaining == 10
    ours.take("read", "a")
    assert ours.spent("read", "a").remaining == 9


def test_a_factor_widens_every_limit() -> None:
    assert limits(Time(), factor=100).take("read", "a").remaining == 999


def test_memory_is_bounded_and_the_longest_unseen_are_forgotten() -> None:
    ours = limits(Time(), most=100)
    for number in range(1000):
        ours.take("read", str(number))
    assert len(ours) == 100


def test_whoever_asked_a_moment_ago_is_not_the_one_who_is_forgotten() -> None:
    ours = limits(Time(), most=2)
    for caller in ("early", "quiet", "early", "new"):
        ours.take("read", caller)
    assert [ours.spent("read", caller).remaining for caller in ("early", "quiet", "new")] == [8, 10, 9]


@pytest.mark.parametrize(
    ("address", "stands_for"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "unknown"),
    ],
)
def test_an_address_stands_for_its_household(address: str, stands_for: str) -> None:
    assert network_of(address) == stands_for


async def test_a_caller_learns_what_is_left_and_when_to_come_back(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    response = await gateway.http.get("/v1/exports/evidence")
    assert response.headers["ratelimit-policy"] == '"files";q=30;w=60'
    assert response.headers["ratelimit"] == '"files";r=29;t=2'
    refused = await until_refused(lambda: gateway.http.get("/v1/exports/evidence"))
    assert refused.json()["title"] == "That was a little fast"
    assert int(refused.headers["retry-after"]) in (1, 2)


async def until_refused(ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
    """The refusal. On a slow machine some of a quota of 30 comes back while it is being used."""
    for number in range(60):
        response = await ask()
        if response.status_code == 429:
            assert number >= 29
            return response
    raise AssertionError("never refused")


async def test_each_invitation_has_its_own_limit_and_all_share_a_wide_one(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()

    async def respond(invitation: str) -> int:
        sent = {"Invitation": invitation}
        return (await gateway.http.post("/v1/surveys/1/responses", json={}, headers=sent)).status_code

    assert [await respond("one") for _ in range(11)] == [200] * 10 + [429]
    assert await respond("two") == 200
    response = await gateway.http.post("/v1/surveys/1/responses", json={})
    assert response.headers["ratelimit-policy"] == '"responses-address";q=3000;w=60'


async def test_who_keeps_sending_bad_credentials_is_slowed_down(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    bad = {"Authorization": "Bearer impact_session_nothing"}
    refused = await until_refused(lambda: gateway.http.get("/v1/evidence/x", headers=bad))
    assert refused.headers["retry-after"]
    assert (await gateway.http.get("/v1/evidence/x")).status_code == 200


async def test_signed_in_callers_are_counted_by_who_they_are(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    for persona in ("carer", "approver"):
        response = await gateway.http.get("/v1/exports/x", headers=await gateway.token(persona))
        assert response.headers["ratelimit"] == '"files";r=29;t=2'


async def test_a_refusal_is_counted_in_the_figures_without_naming_anyone(gateway: Gateway) -> None:
    await gateway.http.get("/v1/evidence/01a20734-31b3-770a-8381-24edc1b6e274")
    figures = (await gateway.http.get("/metrics")).text
    assert 'impact_gateway_requests_total{limit="read",method="GET",service="evidence",status="200"}' in figures
    assert "01a20734" not in figures
