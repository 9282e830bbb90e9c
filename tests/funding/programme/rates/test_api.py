from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import clock
from tests.funding.world import FundingWorld, money
from tests.support.callers import CARER, FINANCE, FUNDING_OFFICER, NOBODY


def new_card(**more: Any) -> dict[str, Any]:
    values = {
        "name": "From next year",
        "hour": money(3_000),
        "half_day": money(9_000),
        "day": money(18_000),
        "effective_from": "2030-01-01",
        "source": "a decision of the board",
        "certainty": "verified",
    }
    return values | more


async def test_the_card_of_a_day_is_found_with_where_its_figures_come_from(world: FundingWorld) -> None:
    for day, hour in (("2025-12-15", 2_500), ("2025-12-16", 2_750), ("2026-11-23", 2_750)):
        cards = (await world.json(NOBODY, "GET", f"/v1/rate-cards?on={day}"))["items"]
        assert [card["hour"]["pence"] for card in cards] == [hour]
        assert "not verified" in cards[0]["certainty"]
        assert cards[0]["source"]


async def test_two_cards_never_hold_on_the_same_day(world: FundingWorld) -> None:
    response = await world.call(FUNDING_OFFICER, "POST", "/v1/rate-cards", new_card())
    assert (response.status_code, response.json()["title"]) == (409, "Another rate card applies on some of these days")
    overlapping = text(
        "INSERT INTO rate_cards (name, hour_pence, half_day_pence, day_pence, half_day_minutes, effective_from, source,"
        " certainty) VALUES ('x', 1, 1, 1, 240, '2030-01-01', 'x', 'x')"
    )
    async with world.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match="one_at_a_time"):
            await connection.execute(overlapping)


async def test_a_new_card_follows_the_end_of_the_one_before(world: FundingWorld) -> None:
    current = (await world.json(NOBODY, "GET", "/v1/rate-cards"))["items"][0]
    path = f"/v1/rate-cards/{current['id']}"
    tag = (await world.call(NOBODY, "GET", path)).headers["ETag"]
    end = {"effective_to": "2029-12-31"}
    assert (await world.call(FUNDING_OFFICER, "PATCH", path, end)).status_code == 428
    await world.json(FUNDING_OFFICER, "PATCH", path, end, **{"If-Match": tag})
    assert (await world.call(FUNDING_OFFICER, "PATCH", path, end, **{"If-Match": tag})).status_code == 412
    last_day = await world.call(FUNDING_OFFICER, "POST", "/v1/rate-cards", new_card(effective_from="2029-12-31"))
    assert (last_day.status_code, last_day.json()["title"]) == (409, "Another rate card applies on some of these days")
    created = await world.json(FUNDING_OFFICER, "POST", "/v1/rate-cards", new_card())
    cards = (await world.json(NOBODY, "GET", "/v1/rate-cards"))["items"]
    assert [row["id"] for row in cards][:2] == [created["id"], current["id"]]


async def test_days_that_have_passed_keep_their_rate(world: FundingWorld) -> None:
    current = (await world.json(NOBODY, "GET", "/v1/rate-cards"))["items"][0]
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    response = await world.call(
        FUNDING_OFFICER, "PATCH", f"/v1/rate-cards/{current['id']}", {"effective_to": yesterday}, **{"If-Match": "*"}
    )
    assert (response.status_code, response.json()["title"]) == (409, "Past days keep their rate")


async def test_a_card_in_the_wrong_order_is_refused_by_field(world: FundingWorld) -> None:
    for invalid in ({"hour": money(9_999)}, {"effective_to": "2029-01-01"}, {"day": money(-1)}, {"extra": 1}):
        assert (await world.call(FUNDING_OFFICER, "POST", "/v1/rate-cards", new_card(**invalid))).status_code == 422


async def test_nobody_else_says_what_taking_part_is_worth(world: FundingWorld) -> None:
    for caller, status in ((CARER, 403), (FINANCE, 403), (NOBODY, 401)):
        assert (await world.call(caller, "POST", "/v1/rate-cards", new_card())).status_code == status
