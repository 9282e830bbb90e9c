from datetime import timedelta
from typing import Any, get_args

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from services.funding.programme.cost_limits.tables import CostKind
from shared import clock
from tests.funding.world import HELD_ON, FundingWorld, line, money
from tests.support.callers import CARER, FINANCE, FUNDING_OFFICER, NOBODY


def new_limit(**more: Any) -> dict[str, Any]:
    values = {
        "kind": "travel",
        "ceiling": money(30_000),
        "days_before": 7,
        "days_after": 1,
        "evidence_above": money(12_000),
        "effective_from": "2030-01-01",
        "source": "a decision of the board",
        "certainty": "verified",
    }
    return values | more


async def current(world: FundingWorld, kind: str = "travel") -> dict[str, Any]:
    (limit,) = (await world.json(NOBODY, "GET", f"/v1/cost-limits?kind={kind}&on={HELD_ON}"))["items"]
    return limit


async def test_every_kind_of_cost_has_a_limit_from_the_first_day_with_where_its_figures_come_from(
    world: FundingWorld,
) -> None:
    for day in ("2024-04-01", HELD_ON, "2031-03-31"):
        limits = (await world.json(NOBODY, "GET", f"/v1/cost-limits?on={day}"))["items"]
        assert sorted(limit["kind"] for limit in limits) == sorted(get_args(CostKind))
        assert all(limit["source"] and "to be confirmed" in limit["certainty"] for limit in limits)
    assert (await world.json(NOBODY, "GET", "/v1/cost-limits?on=2024-03-31"))["items"] == []


async def test_two_limits_for_one_kind_never_hold_on_the_same_day(world: FundingWorld) -> None:
    response = await world.call(FUNDING_OFFICER, "POST", "/v1/cost-limits", new_limit())
    assert (response.status_code, response.json()["title"]) == (
        409,
        "Another limit for this kind of cost applies on some of these days",
    )
    for kind in get_args(CostKind):
        overlapping = (
            "INSERT INTO cost_limits (kind, ceiling_pence, days_before, days_after, evidence_above_pence,"
            " effective_from, source, certainty) VALUES (:kind, 1, 1, 1, 1, '2030-01-01', 'x', 'x')"
        )
        async with world.database.engine.connect() as connection:
            with pytest.raises(IntegrityError, match=f"ex_cost_limits_one_at_a_time_{kind}"):
                await connection.execute(text(overlapping), {"kind": kind})


async def test_a_new_limit_follows_the_end_of_the_one_before_and_past_days_keep_theirs(world: FundingWorld) -> None:
    path = f"/v1/cost-limits/{(await current(world))['id']}"
    tag = (await world.call(NOBODY, "GET", path)).headers["ETag"]
    yesterday, today = clock.today() - timedelta(days=1), clock.today()
    past = await world.call(FUNDING_OFFICER, "PATCH", path, {"effective_to": str(yesterday)}, **{"If-Match": tag})
    assert (past.status_code, past.json()["title"]) == (409, "Past days keep their limits")
    end = {"effective_to": str(today)}
    assert (await world.call(FUNDING_OFFICER, "PATCH", path, end)).status_code == 428
    await world.json(FUNDING_OFFICER, "PATCH", path, end, **{"If-Match": tag})
    assert (await world.call(FUNDING_OFFICER, "PATCH", path, end, **{"If-Match": tag})).status_code == 412
    for day, status in ((today, 409), (today + timedelta(days=1), 201)):
        lower = new_limit(effective_from=str(day), ceiling=money(500), evidence_above=money(500))
        assert (await world.call(FUNDING_OFFICER, "POST", "/v1/cost-limits", lower)).status_code == status
    # The meeting of the claim was before: its limit is the old one.
    await world.submitted_claim(CARER, await world.attend(CARER), line("travel", 9_000))


async def test_a_limit_in_the_wrong_order_is_refused_by_field(world: FundingWorld) -> None:
    for invalid in (
        {"evidence_above": money(30_001)},
        {"effective_to": "2029-01-01"},
        {"days_before": -1},
        {"days_after": 367},
        {"kind": "holiday"},
        {"extra": 1},
    ):
        response = await world.call(FUNDING_OFFICER, "POST", "/v1/cost-limits", new_limit(**invalid))
        assert response.status_code == 422


async def test_nobody_else_says_what_a_cost_may_be(world: FundingWorld) -> None:
    for caller, status in ((CARER, 403), (FINANCE, 403), (NOBODY, 401)):
        assert (await world.call(caller, "POST", "/v1/cost-limits", new_limit())).status_code == status
