from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from services.funding.programme.cost_limits import rules
from services.funding.programme.cost_limits.tables import CostKind, CostLimit
from tests.funding.world import HELD_ON

TODAY = date(2026, 11, 23)


class CostFacts(NamedTuple):
    pence: int
    spent_on: date = HELD_ON
    kind: CostKind = "travel"


def limit(**more: object) -> CostLimit:
    values = {
        "kind": "travel",
        "ceiling_pence": 20_000,
        "days_before": 3,
        "days_after": 1,
        "evidence_above_pence": 10_000,
        "effective_from": date(2025, 12, 16),
        "effective_to": None,
        "source": "a decision of the board",
        "certainty": "verified",
    }
    return CostLimit.model_validate(values | more)


def refusals(*costs: CostFacts, **more: Any) -> list[tuple[str, str]]:
    """Return the pointer and the reason of each refused field."""
    try:
        rules.require_within_limits(costs, {"travel": limit(**more)}, HELD_ON, {})
    except rules.CostOutsideLimits as error:
        return [(field.pointer, field.detail) for field in error.errors]
    return []


@pytest.mark.parametrize(("days", "is_refused"), [(-4, True), (-3, False), (0, False), (1, False), (2, True)])
def test_a_cost_is_of_a_day_near_the_meeting(days: int, is_refused: bool) -> None:
    errors = refusals(CostFacts(500, HELD_ON + timedelta(days=days)))
    assert [pointer for pointer, _ in errors] == ["/lines/0/on"] * is_refused
    assert all("10 November 2026" in detail and "from 7 November 2026 to 11" in detail for _, detail in errors)


def test_a_cost_of_the_day_itself_is_said_to_be_so() -> None:
    ((_, detail),) = refusals(CostFacts(500, HELD_ON + timedelta(days=1)), days_before=0, days_after=0)
    assert "The meeting was on 10 November 2026, and costs of this kind are paid for that day only." in detail


@pytest.mark.parametrize(
    ("pence", "reason"),
    [
        (10_000, None),
        (10_001, "Above £100.00 for one day, costs of this kind need evidence"),
        (20_000, "Above £100.00 for one day, costs of this kind need evidence"),
        (20_001, "A cost of this kind is paid up to £200.00: leave this cost out, submit the rest now, and ask the"),
    ],
)
def test_a_cost_has_a_ceiling_and_a_sum_above_which_it_needs_evidence(pence: int, reason: str | None) -> None:
    errors = refusals(CostFacts(500, HELD_ON - timedelta(days=1)), CostFacts(pence))
    if reason is None:
        assert errors == []
    else:
        ((pointer, detail),) = errors
        assert pointer == "/lines/1/amount"
        assert detail.startswith(reason)


def test_whoever_has_a_cost_that_needs_evidence_reads_what_can_be_done() -> None:
    ((_, detail),) = refusals(CostFacts(10_001))
    for way_on in ("it cannot be handed in here yet", "submit the rest now", "another claim", "ask the centre"):
        assert way_on in detail


def test_a_cost_in_several_lines_of_one_day_needs_evidence_as_well() -> None:
    assert [pointer for pointer, _ in refusals(CostFacts(5_000), CostFacts(5_000), CostFacts(1))] == ["/lines/2/amount"]
    assert refusals(CostFacts(5_000), CostFacts(5_000), CostFacts(5_000, HELD_ON - timedelta(days=1))) == []


def test_every_refused_field_of_every_line_is_named() -> None:
    far = HELD_ON + timedelta(days=400)
    pointers = [pointer for pointer, _ in refusals(CostFacts(1, far), CostFacts(1), CostFacts(30_000, far))]
    assert pointers == ["/lines/0/on", "/lines/2/on", "/lines/2/amount"]


def test_a_kind_of_cost_without_a_limit_is_not_taken() -> None:
    with pytest.raises(rules.CostOutsideLimits) as refused:
        rules.require_within_limits([CostFacts(1, kind="backfill")], {"travel": limit()}, HELD_ON, {})
    assert [error.pointer for error in refused.value.errors] == ["/lines/0/kind"]
    assert "ask the centre" in refused.value.errors[0].detail


def test_past_days_keep_their_limits() -> None:
    yesterday = TODAY - timedelta(days=1)
    rules.set_last_day(limit(), TODAY, today=TODAY)
    with pytest.raises(rules.LimitInForce):
        rules.set_last_day(limit(), yesterday, today=TODAY)
    with pytest.raises(rules.LimitInForce):
        rules.set_last_day(limit(effective_to=yesterday), None, today=TODAY)


def test_a_limit_does_not_end_before_it_begins() -> None:
    coming = limit(effective_from=TODAY + timedelta(days=2))
    with pytest.raises(rules.LimitEndsTooEarly):
        rules.set_last_day(coming, TODAY + timedelta(days=1), today=TODAY)
    rules.set_last_day(coming, TODAY + timedelta(days=2), today=TODAY)
    assert coming.effective_to == coming.effective_from
