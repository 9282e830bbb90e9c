"""Days are the bank's: in which budget year something was paid does not depend on when its message was posted."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared import clock
from tests.funding.payments.bank_messages.reports import post, refused, report, settled
from tests.funding.world import FundingWorld
from tests.support.callers import FINANCE

LONDON = ZoneInfo("Europe/London")


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment.astimezone(UTC))
    monkeypatch.setattr(clock, "today", lambda: moment.astimezone(LONDON).date())


async def days_of(world: FundingWorld, claim: str) -> tuple[str, str]:
    """Return the days on which the claim and the ledger say that it was paid."""
    page = await world.json(FINANCE, "GET", f"/v1/ledger/transactions?claim_id={claim}&kind=pay")
    return (await world.get_claim(claim))["paid_on"], page["items"][0]["occurred_on"]


async def paid_by_year(world: FundingWorld) -> dict[str, int]:
    programme: Any = await world.json(FINANCE, "GET", "/v1/programme")
    return {year["starts_on"]: year["paid"]["pence"] for year in programme["years"] if year["paid"]["pence"]}


async def test_a_payment_answered_on_sunday_for_monday_is_paid_on_monday(
    world: FundingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = await world.approved_claim()
    set_clock(monkeypatch, datetime(2026, 12, 6, 12, tzinfo=UTC))
    run = await world.released_run(claim)
    assert (await world.post_bank_message(run)).json()["paid"] == 1
    assert await days_of(world, claim) == ("2026-12-07", "2026-12-07")
    assert (await world.get_claim(claim))["what_next"] == "The bank pays you on 7 December 2026."
    set_clock(monkeypatch, datetime(2026, 12, 7, 0, 1, tzinfo=UTC))
    assert (await world.get_claim(claim))["what_next"] == "Paid on 7 December 2026."


async def test_also_where_the_bank_names_no_day_it_is_not_before_the_day_asked_for(
    world: FundingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = await world.approved_claim()
    set_clock(monkeypatch, datetime(2026, 12, 6, 12, tzinfo=UTC))
    run = await world.released_run(claim)
    await post(world, run, {claim: settled()}, created="2026-12-06T12:00:00Z")
    assert await days_of(world, claim) == ("2026-12-07", "2026-12-07")


@pytest.mark.parametrize(
    ("elements", "created", "day", "year"),
    [
        (settled("2027-03-31"), "2027-04-02T09:00:00Z", "2027-03-31", "2026-04-01"),
        (settled("2027-04-01"), "2027-04-02T09:00:00Z", "2027-04-01", "2027-04-01"),
        (settled(), "2027-03-31T22:59:59Z", "2027-03-31", "2026-04-01"),
        (settled(), "2027-03-31T23:00:00Z", "2027-04-01", "2027-04-01"),
        (
            "<TxSts>ACSC</TxSts><AccptncDtTm>2027-03-31T23:30:00Z</AccptncDtTm>",
            "2027-04-02T09:00:00Z",
            "2027-04-01",
            "2027-04-01",
        ),
    ],
    ids=["settled in March", "settled in April", "before midnight", "at midnight in summer", "accepted after midnight"],
)
async def test_the_budget_year_is_that_of_the_banks_day(
    world: FundingWorld, monkeypatch: pytest.MonkeyPatch, elements: str, created: str, day: str, year: str
) -> None:
    claim = await world.approved_claim()
    set_clock(monkeypatch, datetime(2027, 3, 31, 12, tzinfo=LONDON))
    run = await world.released_run(claim)
    set_clock(monkeypatch, datetime(2027, 4, 5, 12, tzinfo=LONDON))
    await post(world, run, {claim: elements}, created=created)
    assert await days_of(world, claim) == (day, day)
    assert await paid_by_year(world) == {year: 8_810}


async def test_a_payment_that_is_dated_far_ahead_is_refused(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    response = await world.post_bank_message(run, await report(world, run, {claim: settled("2099-01-01")}))
    assert (response.status_code, response.json()["title"]) == (422, "The message dates payments far ahead")
    assert (await world.get_claim(claim))["status"] == "in_payment"


async def test_what_is_voided_leaves_the_year_that_it_was_recorded_in(
    world: FundingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = await world.approved_claim()
    set_clock(monkeypatch, datetime(2027, 3, 31, 12, tzinfo=LONDON))
    run = await world.released_run(claim)
    await post(world, run, {claim: settled("2027-03-31")})
    set_clock(monkeypatch, datetime(2027, 4, 5, 12, tzinfo=LONDON))
    await post(world, run, {claim: refused()}, id="B2")
    (payment,) = await world.rows("SELECT id FROM payments")
    body = {"outcome": "not_paid", "reason": "It came back on 1 April.", "payments": [str(payment["id"])]}
    await world.json(FINANCE, "POST", f"/v1/payment-runs/{run}/resolve", body)
    assert await paid_by_year(world) == {}
    again = await world.released_run(claim)
    await post(world, again, {claim: settled("2027-04-05")}, id="B3")
    assert await paid_by_year(world) == {"2027-04-01": 8_810}
    page = await world.json(FINANCE, "GET", f"/v1/ledger/transactions?claim_id={claim}")
    moved = [(row["kind"], row["occurred_on"]) for row in page["items"] if row["kind"] in ("pay", "void")]
    assert moved == [("pay", "2027-04-05"), ("void", "2027-03-31"), ("pay", "2027-03-31")]
    assert date.fromisoformat((await world.get_claim(claim))["paid_on"]) == date(2027, 4, 5)
