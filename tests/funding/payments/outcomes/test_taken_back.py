"""While it is open whether a claim that was taken back was paid, no other claim for its meeting is paid either."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.funding.payments.bank_messages.reports import post, refused, settled
from tests.funding.payments.outcomes.test_after_return import resolve
from tests.funding.world import FundingWorld, line
from tests.support.callers import APPROVER, CARER, FINANCE, SECOND_FINANCE

RUNS = "/v1/payment-runs"
APPROVED = {"decision": "approved"}


async def taken_back(world: FundingWorld) -> tuple[str, str, str]:
    """Return a claim that was returned after the bank had refused it, its run, and its entitlement."""
    entitlement = await world.attend(CARER)
    claim = await world.submitted_claim(CARER, entitlement)
    await world.approve(claim)
    run = await world.released_run(claim)
    await post(world, run, {claim: refused()})
    reason = {"decision": "returned", "reason": "The attendance was corrected."}
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", reason)
    return claim, run, entitlement


async def staff_queue(world: FundingWorld) -> set[str]:
    page = await world.json(APPROVER, "GET", "/v1/claims?everyone=true&needs_attention=true")
    return {claim["id"] for claim in page["items"]}


async def test_another_claim_is_not_approved_before_a_person_has_resolved_the_first(world: FundingWorld) -> None:
    claim, run, entitlement = await taken_back(world)
    other = await world.submitted_claim(CARER, entitlement, line("involvement_payment", 5_500))
    await post(world, run, {claim: settled()}, id="B2")
    decision = await world.call(APPROVER, "POST", f"/v1/claims/{other}/decisions", APPROVED)
    assert (decision.status_code, decision.json()["title"]) == (409, "It is not clear whether this claim was paid")
    assert "another claim of yours for the same meeting" in (await world.get_claim(other))["what_next"]
    assert "one for the same entitlement" in (await world.get_claim(other, APPROVER))["attention"]
    assert "do not agree on whether you were paid" in (await world.get_claim(claim))["what_next"]
    assert await staff_queue(world) == {claim, other}
    assert (await resolve(world, run, claim, "not_paid")).status_code == 200
    assert await staff_queue(world) == set()
    await world.approve(other)
    assert (await world.post_bank_message(await world.released_run(other))).json()["paid"] == 1
    assert (await world.get_proof())["agrees"]


async def test_another_approved_claim_is_in_no_run_and_its_draft_run_is_not_released(world: FundingWorld) -> None:
    claim, run, entitlement = await taken_back(world)
    bus = await world.submitted_claim(CARER, entitlement, line("travel", 560, "Bus 73 to the clinic"))
    await world.approve(bus)
    draft = await world.json(FINANCE, "POST", RUNS)
    await post(world, run, {claim: settled()}, id="B2")
    assert "same meeting" in (await world.get_claim(bus))["what_next"]
    release = await world.call(SECOND_FINANCE, "POST", f"{RUNS}/{draft['id']}/release")
    assert release.json()["title"] == "It is not clear whether some of these claims were paid"
    await world.json(FINANCE, "POST", f"{RUNS}/{draft['id']}/cancel")
    left_out = (await world.call(FINANCE, "POST", RUNS)).json()["errors"]
    assert "it may have been paid already" in left_out[0]["detail"]
    named = await world.call(FINANCE, "POST", RUNS, {"claims": [bus]})
    assert named.json()["title"] == "It is not clear whether some of these claims were paid"
    assert (await resolve(world, run, claim, "not_paid")).status_code == 200
    assert (await world.post_bank_message(await world.released_run())).json()["paid"] == 1
    assert (await world.scheme())["paid_pence"] == 560


async def test_the_database_refuses_a_draft_that_may_have_been_paid(world: FundingWorld) -> None:
    await world.draft_claim()
    async with world.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match="unclear_needs_attention"):
            await connection.execute(text("UPDATE claims SET payment_unclear = true, needs_attention = true"))
