"""When the gateway stops asking a service, and when it asks again."""

import asyncio

import pytest

from gateway.http_client import resilience
from gateway.http_client.resilience import MIN_FAILURES, OPEN_SECONDS, WINDOW_SECONDS, CircuitBreaker, RetryBudget


def after(*outcomes: bool, seconds_apart: float = 0.0) -> CircuitBreaker:
    """Return a breaker that has seen these outcomes, True for one that was answered."""
    breaker = CircuitBreaker()
    for number, outcome in enumerate(outcomes):
        (breaker.succeed if outcome else breaker.fail)(number * seconds_apart)
    return breaker


@pytest.mark.parametrize(
    ("outcomes", "is_open"),
    [
        ([False] * 4, False),
        ([False] * 5, True),
        ([True] * 5 + [False] * 5, True),
        ([True] * 6 + [False] * 5, False),
        ([True] * 1000, False),
    ],
)
def test_it_opens_at_five_failures_that_are_half_of_the_calls(outcomes: list[bool], is_open: bool) -> None:
    assert after(*outcomes).is_open is is_open


def test_failures_of_long_ago_do_not_count() -> None:
    assert not after(*[False] * 9, seconds_apart=WINDOW_SECONDS / 4).is_open
    assert after(*[False] * 9, seconds_apart=WINDOW_SECONDS / 10).is_open


def test_an_open_breaker_lets_one_request_through_after_a_while() -> None:
    breaker = after(*[False] * MIN_FAILURES)
    assert not breaker.allows(OPEN_SECONDS - 0.1)
    assert breaker.allows(OPEN_SECONDS)
    assert not breaker.allows(OPEN_SECONDS), "a second one while the first is under way"


def test_the_one_request_decides() -> None:
    breaker = after(*[False] * MIN_FAILURES)
    assert breaker.allows(OPEN_SECONDS)
    breaker.fail(OPEN_SECONDS + 1)
    assert not breaker.allows(2 * OPEN_SECONDS)
    assert breaker.allows(2 * OPEN_SECONDS + 1)
    breaker.succeed(2 * OPEN_SECONDS + 1)
    assert breaker.allows(2 * OPEN_SECONDS + 1)
    breaker.fail(2 * OPEN_SECONDS + 2)
    assert not breaker.is_open, "what was before it closed is forgotten"


def test_a_request_whose_client_left_lets_the_next_one_through() -> None:
    breaker = after(*[False] * MIN_FAILURES)
    assert breaker.allows(OPEN_SECONDS)
    breaker.forget()
    assert breaker.allows(OPEN_SECONDS)


def test_one_request_in_ten_may_be_a_retry() -> None:
    budget = RetryBudget()
    while budget.spend():
        pass
    retries = 0
    for _ in range(1000):
        budget.earn()
        retries += budget.spend()
    assert 95 <= retries <= 100


async def test_a_slot_that_is_freed_as_its_waiter_leaves_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resilience, "MAX_REQUESTS", 1)
    slots = resilience.Slots()
    await slots.acquire()
    leaving = asyncio.create_task(slots.acquire())
    await asyncio.sleep(0)
    leaving.cancel()
    slots.release()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await slots.acquire()
    assert slots.taken == 1
