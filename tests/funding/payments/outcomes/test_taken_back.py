"""The bank refuses a payment, the claim is returned or refused, and then the bank reports the payment as paid."""

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.events.contracts.funding import ClaimPaid
from tests.funding.payments.bank_messages.reports import post, refused, settled
from tests.funding.world import FundingWorld, attendance_recorded, line, money
from tests.support.callers import APPROVER, CARER, FINANCE, FUNDING_OFFICER, SECOND_FINANCE

RUNS = "/v1/payment-runs"
SEEN = "Seen on the account's statement, page 2."
UNCLEAR = "It is not clear whether this claim was paid"


async def taken_back(world: FundingWorld, decision: str = "returned") -> tuple[str, str, str]:
    """Return a claim that the bank refused and then paid, taken back in between; its first run; its entitlement."""
    entitlement = await world.attend(CARER)
    claim = await world.submitted_claim(CARER, entitlement)
    await world.approve(claim)
    run = await world.released_run(claim)
    await post(world, run, {claim: refused()})
    reason = {"decision": decision, "reason": "The attendance was corrected."}
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", reason)
    return claim, run, entitlement


async def lower(world: FundingWorld, claim: str, pence: int) -> None:
    """Correct a claim as its person does, and submit it again."""
    path = f"/v1/claims/{claim}"
    lines = {"lines": [line("involvement_payment", pence)]}
    changed = await world.call(CARER, "PATCH", path, lines, **{"If-Match": await world.etag(CARER, path)})
    assert changed.status_code == 200, changed.text
    await world.json(CARER, "POST", f"{path}/submit")


async def resolve(world: FundingWorld, run: str, claim: str, outcome: str) -> httpx.Response:
    payments = (await world.json(FINANCE, "GET", f"{RUNS}/{run}/payments"))["items"]
    ids = [payment["id"] for payment in payments if payment["claim_id"] == claim]
    on = {"on": (await world.json(FINANCE, "GET", f"{RUNS}/{run}"))["execute_on"]} if outcome == "paid" else {}
    body = {"payments": ids, "outcome": outcome, "reason": SEEN} | on
    return await world.call(FINANCE, "POST", f"{RUNS}/{run}/resolve", body)


async def paid_pence(world: FundingWorld) -> int:
    """Return what the ledger says that the bank paid; the proof holds."""
    proof = await world.get_proof()
    assert (proof["agrees"], proof["balances"]) == (True, True)
    return -next(account for account in proof["accounts"] if account["code"] == "bank")["balance"]["pence"]


async def staff_queue(world: FundingWorld) -> list[str]:
    page = await world.json(APPROVER, "GET", "/v1/claims?everyone=true&needs_attention=true")
    return [claim["id"] for claim in page["items"]]


@pytest.mark.parametrize("decision", ["returned", "refused"])
async def test_what_the_bank_says_is_kept_and_shown_and_a_person_resolves_it(
    world: FundingWorld, decision: str
) -> None:
    claim, run, entitlement = await taken_back(world, decision)
    applied = await post(world, run, {claim: settled()}, id="B2")
    assert (applied["paid"], applied["contradictions"]) == (0, 1)
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == (decision, True)
    assert "do not agree" in details["what_next"]
    assert "refused before, and now as paid" in details["history"][-1]["reason"]
    assert (await world.json(FINANCE, "GET", f"{RUNS}/{run}"))["needs_attention"] is True
    assert (await staff_queue(world), await paid_pence(world)) == ([claim], 0)

    assert (await resolve(world, run, claim, "paid")).status_code == 200
    details = await world.get_claim(claim)
    assert (details["status"], details["total"], details["needs_attention"]) == ("paid", money(8_810), False)
    assert (await paid_pence(world), await staff_queue(world)) == (8_810, [])
    assert sum(isinstance(event, ClaimPaid) for event in await world.events()) == 1
    shown = await world.json(CARER, "GET", f"/v1/entitlements/{entitlement}")
    assert (shown["claimed"], shown["paid"]) == (money(8_250), money(8_250))
    assert [row["submitted_claims"] for row in await world.rows("SELECT submitted_claims FROM entitlements")] == [1]
    assert (await resolve(world, run, claim, "paid")).json()["title"].startswith("Some of these payments are settled")


@pytest.mark.parametrize("decision", ["returned", "refused"])
async def test_where_the_bank_did_not_pay_after_all_the_claim_stays_as_it_was(
    world: FundingWorld, decision: str
) -> None:
    claim, run, _ = await taken_back(world, decision)
    await post(world, run, {claim: settled()}, id="B2")
    assert (await resolve(world, run, claim, "not_paid")).status_code == 200
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"], await paid_pence(world)) == (decision, False, 0)
    assert await staff_queue(world) == []


@pytest.mark.parametrize("approved", [False, True])
@pytest.mark.parametrize("outcome", ["paid", "not_paid"])
async def test_a_claim_that_was_corrected_meanwhile_is_not_paid_again_before_a_person_decides(
    world: FundingWorld, outcome: str, *, approved: bool
) -> None:
    claim, run, entitlement = await taken_back(world)
    await lower(world, claim, 5_500)
    if approved:
        await world.approve(claim)
    await post(world, run, {claim: settled()}, id="B2")
    if approved:
        assert (await world.call(FINANCE, "POST", RUNS)).status_code == 409
        assert (await world.call(FINANCE, "POST", RUNS, {"claims": [claim]})).status_code == 409
    else:
        decision = await world.call(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
        assert (decision.status_code, decision.json()["title"]) == (409, UNCLEAR)

    assert (await resolve(world, run, claim, outcome)).status_code == 200
    details = await world.get_claim(claim)
    if outcome == "not_paid":
        assert (details["status"], details["total"]) == ("approved" if approved else "submitted", money(5_500))
        if not approved:
            await world.approve(claim)
        assert (await world.post_bank_message(await world.released_run(claim))).json()["paid"] == 1
        assert await paid_pence(world) == 5_500
        return
    assert (details["status"], details["total"], await paid_pence(world)) == ("paid", money(8_810), 8_810)
    assert details["history"][-1]["reason"] == (
        f"{SEEN} The bank paid £88.10, which the claim asked for before it was corrected."
    )
    shown = await world.json(CARER, "GET", f"/v1/entitlements/{entitlement}")
    assert (shown["claimed"], shown["paid"]) == (money(8_250), money(8_250))
    (reservation,) = await world.rows("SELECT held_pence, approved_pence, pence FROM reservations")
    assert dict(reservation) == {"held_pence": 0, "approved_pence": 8_810, "pence": 100_000 - 8_810}
    assert await staff_queue(world) == []


async def test_what_the_bank_paid_beyond_a_corrected_attendance_is_overpaid(world: FundingWorld) -> None:
    event = attendance_recorded(CARER, 180, await world.plan_assembly(100_000))
    await world.handle(event)
    (row,) = await world.rows("SELECT id FROM entitlements WHERE registration_id = :id", id=event.registration_id)
    claim = await world.submitted_claim(CARER, str(row["id"]))
    await world.approve(claim)
    run = await world.released_run(claim)
    await post(world, run, {claim: refused()})
    await world.handle(event.model_copy(update={"minutes": 60}), sequence=2)
    returned = {"decision": "returned", "reason": "It was one hour."}
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", returned)
    shown = await world.json(CARER, "GET", f"/v1/entitlements/{row['id']}")
    entitled = shown["amount"]["pence"]
    await lower(world, claim, entitled)
    await post(world, run, {claim: settled()}, id="B2")
    assert (await resolve(world, run, claim, "paid")).status_code == 200
    shown = await world.json(CARER, "GET", f"/v1/entitlements/{row['id']}")
    assert (shown["paid"], shown["overpaid"]) == (money(8_250), money(8_250 - entitled))
    overpaid = await world.json(FUNDING_OFFICER, "GET", "/v1/entitlements?overpaid=true")
    assert [entitlement["id"] for entitlement in overpaid["items"]] == [str(row["id"])]
    assert await paid_pence(world) == 8_810


async def test_another_claim_for_the_same_meeting_waits_too(world: FundingWorld) -> None:
    claim, run, entitlement = await taken_back(world)
    other = await world.submitted_claim(CARER, entitlement, line("involvement_payment", 5_500))
    await post(world, run, {claim: settled()}, id="B2")
    decision = await world.call(APPROVER, "POST", f"/v1/claims/{other}/decisions", {"decision": "approved"})
    assert (decision.status_code, decision.json()["title"]) == (409, UNCLEAR)
    assert "another claim of yours for the same meeting" in (await world.get_claim(other))["what_next"]
    assert set(await staff_queue(world)) == {claim, other}
    refusal = await resolve(world, run, claim, "paid")
    assert (refusal.status_code, refusal.json()["title"]) == (409, "Other claims ask for the same involvement payment")
    assert await paid_pence(world) == 0
    reason = {"decision": "refused", "reason": "The first claim was paid."}
    await world.json(APPROVER, "POST", f"/v1/claims/{other}/decisions", reason)
    assert (await resolve(world, run, claim, "paid")).status_code == 200
    assert await paid_pence(world) == 8_810


async def test_another_approved_claim_for_the_same_meeting_is_in_no_run_and_not_released(world: FundingWorld) -> None:
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
    assert (await resolve(world, run, claim, "paid")).status_code == 200
    assert (await world.post_bank_message(await world.released_run(bus))).json()["paid"] == 1
    assert await paid_pence(world) == 8_810 + 560


async def test_without_money_in_the_reservation_the_refusal_says_where_it_comes_from(world: FundingWorld) -> None:
    claim, run, _ = await taken_back(world)
    (reservation,) = await world.rows("SELECT id FROM reservations")
    path = f"/v1/reservations/{reservation['id']}"
    await world.json(FUNDING_OFFICER, "POST", f"{path}/release")
    await post(world, run, {claim: settled()}, id="B2")
    refusal = await resolve(world, run, claim, "paid")
    assert (refusal.status_code, f"POST {path}/extend" in refusal.json()["detail"]) == (409, True)
    assert "£88.10 is missing" in refusal.json()["detail"]
    extension = {"amount": money(8_810), "reason": "The bank paid it after all."}
    await world.json(FUNDING_OFFICER, "POST", f"{path}/extend", extension)
    assert (await resolve(world, run, claim, "paid")).status_code == 200
    assert await paid_pence(world) == 8_810


async def test_a_second_payment_of_the_same_claim_is_still_refused(world: FundingWorld) -> None:
    claim, run, _ = await taken_back(world)
    await lower(world, claim, 5_500)
    await world.approve(claim)
    second = await world.released_run(claim)
    await post(world, run, {claim: settled()}, id="B2")
    refusal = await resolve(world, run, claim, "paid")
    assert (refusal.status_code, refusal.json()["title"]) == (409, "Another run pays this claim as well")
    assert (await resolve(world, second, claim, "not_paid")).status_code == 200
    assert (await resolve(world, run, claim, "paid")).status_code == 200
    assert (await world.get_claim(claim))["total"] == money(8_810)
    assert await paid_pence(world) == 8_810


async def test_the_database_refuses_a_draft_that_may_have_been_paid(world: FundingWorld) -> None:
    await world.draft_claim()
    async with world.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match="unclear_needs_attention"):
            await connection.execute(text("UPDATE claims SET payment_unclear = true, needs_attention = true"))
