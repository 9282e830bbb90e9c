"""The bank refused a payment, its claim was returned or refused, and then the bank says that it was paid."""

from datetime import date
from typing import Any

import pytest

from shared import clock
from shared.callers import Caller, Role, person
from shared.persistence.tables import new_id
from tests.funding.payments.bank_messages.reports import post, refused, settled
from tests.funding.payments.outcomes.test_api import RUNS, SEEN, payment_id
from tests.funding.world import FundingWorld, line
from tests.support.callers import APPROVER, CARER, FINANCE

NOT_APPROVED = "This payment is not approved any more as it was made"


async def decide(world: FundingWorld, claim: str, decision: str) -> int:
    body = {"decision": decision, "reason": "The account is closed."}
    return (await world.call(APPROVER, "POST", f"/v1/claims/{claim}/decisions", body)).status_code


async def resolve(world: FundingWorld, run: str, claim: str, outcome: str, by: Caller = FINANCE) -> Any:
    body: dict[str, Any] = {"outcome": outcome, "reason": SEEN, "payments": [await payment_id(world, run, claim)]}
    if outcome == "paid":
        body["on"] = (await world.json(FINANCE, "GET", f"{RUNS}/{run}"))["execute_on"]
    return await world.call(by, "POST", f"{RUNS}/{run}/resolve", body)


async def paid_after(world: FundingWorld, decision: str) -> tuple[str, str]:
    """Return the run and the claim of a payment that the bank refused and, after this decision, called paid."""
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: refused()})
    assert await decide(world, claim, decision) == 201
    assert (await post(world, run, {claim: settled("2026-11-30")}, id="B2"))["contradictions"] == 1
    return run, claim


@pytest.fixture(autouse=True)
def working_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be a Monday, so that runs are to be paid today."""
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 30))


@pytest.mark.parametrize("decision", ["returned", "refused"])
async def test_the_message_is_kept_and_a_person_sees_it(world: FundingWorld, decision: str) -> None:
    run, claim = await paid_after(world, decision)
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == (decision, True)
    page = await world.json(FINANCE, "GET", f"{RUNS}?needs_attention=true")
    assert [row["id"] for row in page["items"]] == [run]
    assert (await resolve(world, run, claim, "not_paid")).status_code == 200
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == (decision, False)
    assert (await world.json(FINANCE, "GET", f"{RUNS}?needs_attention=true"))["items"] == []


@pytest.mark.parametrize("decision", ["returned", "refused"])
async def test_it_is_paid_once_it_is_approved_again_with_the_same_sum(world: FundingWorld, decision: str) -> None:
    run, claim = await paid_after(world, decision)
    early = await resolve(world, run, claim, "paid")
    assert (early.status_code, early.json()["title"]) == (409, NOT_APPROVED)
    if decision == "refused":
        assert await decide(world, claim, "returned") == 201
    await world.json(CARER, "POST", f"/v1/claims/{claim}/submit")
    await world.approve(claim)
    assert (await world.get_claim(claim))["needs_attention"] is True
    assert (await world.call(FINANCE, "POST", RUNS, {"claims": [claim]})).status_code == 409
    assert (await world.call(FINANCE, "POST", RUNS)).status_code == 409
    assert (await resolve(world, run, claim, "paid")).status_code == 200
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == ("paid", False)
    assert await world.paid_events() == 1
    assert (await world.get_proof())["agrees"]


async def test_a_claim_that_was_changed_is_not_paid_by_the_payment_of_before(world: FundingWorld) -> None:
    run, claim = await paid_after(world, "returned")
    lines = {"lines": [line("involvement_payment", 100)]}
    await world.json(CARER, "PATCH", f"/v1/claims/{claim}", lines, **{"If-Match": "*"})
    await world.json(CARER, "POST", f"/v1/claims/{claim}/submit")
    await world.approve(claim)
    changed = await resolve(world, run, claim, "paid")
    assert (changed.status_code, changed.json()["title"]) == (409, NOT_APPROVED)
    assert "the payment is £88.10, the claim £1.00 and approved" in changed.json()["errors"][0]["detail"]
    assert (await resolve(world, run, claim, "not_paid")).status_code == 200
    await post(world, await world.released_run(claim), {claim: settled()}, id="B3")
    assert (await world.scheme())["paid_pence"] == 100
    assert (await world.get_proof())["agrees"]


async def test_a_claim_that_was_refused_is_returned_only_where_it_may_have_been_paid(world: FundingWorld) -> None:
    claim = await world.submitted_claim()
    assert await decide(world, claim, "refused") == 201
    assert await decide(world, claim, "returned") == 409
    _, doubtful = await paid_after(world, "refused")
    assert [await decide(world, doubtful, decision) for decision in ("approved", "refused", "returned")] == [
        409,
        409,
        201,
    ]
    claimed = "SELECT sum(claimed_pence) AS pence, sum(submitted_claims) AS claims FROM entitlements"
    assert await world.rows(claimed) == [{"pence": 0, "claims": 0}]


async def test_whoever_approved_the_claim_again_does_not_resolve_its_payment(world: FundingWorld) -> None:
    """The payment names who approved it then; by now, somebody else's approval stands."""
    both = person(new_id(), Role.APPROVER, Role.FINANCE)
    run, claim = await paid_after(world, "returned")
    await world.json(CARER, "POST", f"/v1/claims/{claim}/submit")
    await world.approve(claim, both)
    for outcome in ("paid", "not_paid"):
        own = await resolve(world, run, claim, outcome, both)
        assert (own.status_code, own.json()["title"]) == (403, "Someone else must pay this")
        assert claim in own.json()["errors"][0]["detail"]
    assert (await resolve(world, run, claim, "paid")).status_code == 200
    assert (await world.get_claim(claim))["status"] == "paid"


async def test_a_cost_of_a_refused_claim_that_may_have_been_paid_is_not_approved_unseen(world: FundingWorld) -> None:
    run, doubtful = await paid_after(world, "refused")
    claim = await world.submitted_claim(CARER, None, line("travel", 560))
    assert await world.duplicates(claim) == [doubtful]
    assert await decide(world, claim, "approved") == 409
    assert (await resolve(world, run, doubtful, "not_paid")).status_code == 200
    assert await world.duplicates(claim) == []
    assert await decide(world, claim, "approved") == 201


async def test_a_cost_that_may_have_been_paid_counts_towards_the_sum_for_evidence(world: FundingWorld) -> None:
    entitlement = await world.attend(CARER)
    doubtful = await world.submitted_claim(CARER, entitlement, line("travel", 9_000))
    await world.approve(doubtful)
    run = await world.released_run(doubtful)
    await post(world, run, {doubtful: refused()})
    assert await decide(world, doubtful, "returned") == 201
    body = {"entitlement_id": entitlement, "lines": [line("travel", 8_000)]}
    assert (await world.call(CARER, "POST", "/v1/claims", body)).status_code == 201
    await post(world, run, {doubtful: settled("2026-11-30")}, id="B2")
    above = await world.call(CARER, "POST", "/v1/claims", body)
    assert (above.status_code, above.json()["title"]) == (422, "Some costs are outside what can be claimed")
