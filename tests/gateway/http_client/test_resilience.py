"""When the gateway stops asking a service, and when it asks again."""

import asyncio

import pytest

from gateway.http_client import resilience
from gateway.http_client.client import CONNECT_TIMEOUT_SECONDS
from gateway.http_client.resilience import (
    MIN_FAILURES,
    OPEN_SECONDS,
    QUEUE_TIMEOUT_SECONDS,
    TRIAL_SECONDS,
    WINDOW_SECONDS,
    Admission,
    CircuitBreaker,
    RetryBudget,
)


def after(*outcomes: bool, seconds_apart: float = 0.0) -> CircuitBreaker:
    """Return a breaker that has seen these outcomes, True for one that was answered."""
    breaker = CircuitBreaker()
    for number, outcome in enumerate(outcomes):
        now = number * seconds_apart
        if outcome:
            breaker.succeed(now)
        else:
            breaker.fail(Admission(now), now)
    return breaker


def admitted(breaker: CircuitBreaker, now: float) -> Admission:
    admission = breaker.admit(now)
    assert admission is not None
    return admission


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
    assert not breaker.admit(OPEN_SECONDS - 0.1)
    assert breaker.admit(OPEN_SECONDS)
    assert not breaker.admit(OPEN_SECONDS), "a second one while the first is under way"


def test_the_one_request_decides() -> None:
    breaker = after(*[False] * MIN_FAILURES)
    breaker.fail(admitted(breaker, OPEN_SECONDS), OPEN_SECONDS + 1)
    assert not breaker.admit(2 * OPEN_SECONDS)
    admission = admitted(breaker, 2 * OPEN_SECONDS + 1)
    breaker.succeed(2 * OPEN_SECONDS + 1)
    assert breaker.admit(2 * OPEN_SECONDS + 1)
    breaker.fail(admission, 2 * OPEN_SECONDS + 2)
    assert not breaker.is_open, "what was before it closed is forgotten"


def test_a_request_whose_client_left_lets_the_next_one_through() -> None:
    breaker = after(*[False] * MIN_FAILURES)
    breaker.forget(admitted(breaker, OPEN_SECONDS))
    assert breaker.admit(OPEN_SECONDS)


def test_an_older_request_neither_lets_a_second_one_through_nor_prolongs_the_wait() -> None:
    breaker = CircuitBreaker()
    older = [admitted(breaker, 0) for _ in range(MIN_FAILURES + 3)]
    for admission in older[:MIN_FAILURES]:
        breaker.fail(admission, 0)
    breaker.fail(older[-1], OPEN_SECONDS - 0.1)
    assert breaker.admit(OPEN_SECONDS)
    breaker.forget(older[-2])
    assert not breaker.admit(OPEN_SECONDS)
    breaker.fail(older[-3], OPEN_SECONDS)
    assert not breaker.admit(2 * OPEN_SECONDS)


def test_a_slow_response_to_the_one_request_does_not_hold_up_the_next_for_ever() -> None:
    breaker = after(*[False] * MIN_FAILURES)
    slow = admitted(breaker, OPEN_SECONDS)
    assert not breaker.admit(OPEN_SECONDS + TRIAL_SECONDS)
    assert breaker.admit(OPEN_SECONDS + TRIAL_SECONDS + 0.1)
    breaker.forget(slow)
    assert not breaker.admit(OPEN_SECONDS + TRIAL_SECONDS + 0.2)
    assert TRIAL_SECONDS > CONNECT_TIMEOUT_SECONDS + QUEUE_TIMEOUT_SECONDS


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
