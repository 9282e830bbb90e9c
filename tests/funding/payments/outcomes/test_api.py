"""A person decides what nobody's word has settled."""

import asyncio
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared import clock
from shared.callers import Caller, Role, person
from shared.events.contracts.funding import ClaimPaid, ClaimPaymentVoided
from shared.persistence.tables import new_id
from tests.funding.payments.bank_messages.reports import post, reason, refused, report, settled
from tests.funding.world import FundingWorld
from tests.support.callers import APPROVER, CARER, FINANCE, PRACTITIONER, SECOND_FINANCE

RUNS = "/v1/payment-runs"
SEEN = "Seen on the statement of the account."


async def payment_id(world: FundingWorld, run: str, claim: str) -> str:
    rows = await world.rows("SELECT id FROM payments WHERE run_id = :run AND claim_id = :claim", run=run, claim=claim)
    return str(rows[0]["id"])


async def resolve(world: FundingWorld, run: str, outcome: str, *claims: str, by: Caller = FINANCE, **more: Any) -> Any:
    """Resolve these claims' payments, or all that are pending, paid on the day asked for. Returns the response."""
    body: dict[str, Any] = {"outcome": outcome, "reason": SEEN}
    if claims:
        body["payments"] = [await payment_id(world, run, claim) for claim in claims]
    if outcome == "paid":
        body["on"] = (await world.json(FINANCE, "GET", f"{RUNS}/{run}"))["execute_on"]
    return await world.call(by, "POST", f"{RUNS}/{run}/resolve", body | more)


@pytest.fixture(autouse=True)
def working_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be a Monday, so that runs are to be paid today."""
    monkeypatch.setattr(clock, "today", lambda: date(2026, 11, 30))


async def payment_events(world: FundingWorld) -> list[type]:
    return [type(event) for event in await world.events() if isinstance(event, ClaimPaid | ClaimPaymentVoided)]


async def test_what_a_person_calls_paid_is_paid_as_the_banks_message_would(world: FundingWorld) -> None:
    claims = [await world.approved_claim(), await world.approved_claim(PRACTITIONER)]
    run = await world.released_run(*claims)
    await post(world, run, None, "<GrpSts>RJCT</GrpSts>" + reason("DUPL"))
    response = await resolve(world, run, "paid")
    assert (response.status_code, response.json()["status"]) == (200, "settled")
    assert (response.json()["needs_attention"], response.json()["bank_reason"]) == (False, "DUPL")
    details = await world.get_claim(claims[0])
    assert (details["status"], details["paid_on"], details["needs_attention"]) == ("paid", "2026-11-30", False)
    step = details["history"][-1]
    assert (step["step"], step["role"], step["reason"]) == ("paid", "finance", SEEN)
    assert await payment_events(world) == [ClaimPaid, ClaimPaid]
    assert (await world.get_proof())["agrees"]
    (row,) = await world.rows(
        "SELECT DISTINCT actor FROM audit_entries WHERE kind = 'Payment' AND after ->> 'resolved_by' IS NOT NULL"
    )
    assert row["actor"] == FINANCE.id


async def test_what_was_not_paid_waits_for_attention_and_can_be_in_a_new_run(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, None, "<GrpSts>RJCT</GrpSts>" + reason("FF01"))
    response = await resolve(world, run, "not_paid")
    assert (response.json()["status"], response.json()["needs_attention"]) == ("settled", False)
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == ("approved", True)
    assert details["history"][-1]["step"] == "payment_refused"
    assert details["what_next"].startswith("You were not paid yet.")
    assert (await world.call(FINANCE, "POST", RUNS)).status_code == 409
    again = await world.released_run(claim)
    await post(world, again, {claim: settled()}, id="B2")
    assert await payment_events(world) == [ClaimPaid]
    assert (await world.get_proof())["agrees"]


async def test_refused_then_settled_and_paid_indeed_is_paid_once(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: refused()})
    await post(world, run, {claim: settled()}, id="B2")
    assert (await resolve(world, run, "paid", claim)).json()["needs_attention"] is False
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == ("paid", False)
    assert (await world.call(FINANCE, "POST", RUNS, {"claims": [claim]})).status_code == 409
    assert (await world.get_proof())["agrees"]


async def test_refused_then_settled_and_refused_indeed_can_be_paid_again(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: refused()})
    await post(world, run, {claim: settled()}, id="B2")
    assert (await resolve(world, run, "not_paid", claim)).status_code == 200
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == ("approved", True)
    assert details["history"][-1]["step"] == "payment_confirmed"
    again = await world.released_run(claim)
    await post(world, again, {claim: settled()}, id="B3")
    assert (await world.get_claim(claim))["needs_attention"] is False
    assert (await world.get_proof())["agrees"]


async def test_paid_then_refused_and_not_paid_indeed_is_voided_and_owed_again(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: settled()})
    paid_pence = (await world.scheme())["paid_pence"]
    await post(world, run, {claim: refused()}, id="B2")
    assert (await resolve(world, run, "not_paid", claim)).status_code == 200
    details = await world.get_claim(claim)
    assert (details["status"], details["paid_on"], details["needs_attention"]) == ("approved", None, True)
    assert details["history"][-1]["step"] == "payment_voided"
    assert (await world.scheme())["paid_pence"] == paid_pence - 8_810
    proof = await world.get_proof()
    assert (proof["balances"], proof["agrees"]) == (True, True)
    page = await world.json(FINANCE, "GET", f"/v1/ledger/transactions?claim_id={claim}&kind=void")
    accounts = [(entry["account"], entry["debit"]["pence"]) for entry in page["items"][0]["entries"]]
    assert accounts == [("bank", 8_810), ("payable", 0)]
    again = await world.released_run(claim)
    await post(world, again, {claim: settled()}, id="B3")
    assert await payment_events(world) == [ClaimPaid, ClaimPaymentVoided, ClaimPaid]
    assert (await world.get_proof())["agrees"]


async def test_paid_then_refused_and_paid_indeed_stays_paid(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: settled("2026-11-30")})
    await post(world, run, {claim: refused()}, id="B2")
    assert (await resolve(world, run, "paid", claim)).json()["needs_attention"] is False
    assert (await world.get_claim(claim))["needs_attention"] is False
    assert await payment_events(world) == [ClaimPaid]


async def test_a_payment_that_was_voided_and_then_settled_after_all_can_be_paid(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: settled()})
    for id, elements, outcome in (
        ("B2", refused(), "not_paid"),
        ("B3", settled(), "paid"),
        ("B4", refused(), "not_paid"),
    ):
        await post(world, run, {claim: elements}, id=id)
        assert (await resolve(world, run, outcome, claim)).status_code == 200
        assert (await world.get_proof())["agrees"]
    assert await payment_events(world) == [ClaimPaid, ClaimPaymentVoided] * 2


async def test_a_claim_that_another_run_pays_is_not_paid_by_the_first_as_well(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    first = await world.released_run(claim)
    await post(world, first, {claim: refused()})
    second = await world.released_run(claim)
    await post(world, first, {claim: settled()}, id="B2")
    response = await resolve(world, first, "paid", claim)
    assert (response.status_code, response.json()["title"]) == (409, "Another run pays this claim as well")
    assert (await resolve(world, second, "not_paid", claim)).status_code == 200
    assert (await world.get_claim(claim))["needs_attention"] is True
    assert (await resolve(world, first, "paid", claim)).status_code == 200
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == ("paid", False)
    assert (await world.json(FINANCE, "GET", f"{RUNS}?needs_attention=true"))["items"] == []
    assert (await world.get_proof())["agrees"]


async def test_neither_claimant_approver_nor_releaser_resolves(world: FundingWorld) -> None:
    claimant, approver = person(new_id(), Role.FINANCE), person(new_id(), Role.FINANCE, Role.APPROVER)
    run = await world.released_run(await world.approved_claim(claimant, by=approver))
    for caller, title in (
        (claimant, "Someone else must pay this"),
        (approver, "Someone else must pay this"),
        (SECOND_FINANCE, "Someone else must resolve this"),
    ):
        response = await resolve(world, run, "not_paid", by=caller)
        assert (response.status_code, response.json()["title"]) == (403, title)
    for caller in (CARER, APPROVER):
        assert (await resolve(world, run, "not_paid", by=caller)).status_code == 403
    for column in ("claimed_by", "approved_by", "released_by"):
        async with world.database.engine.connect() as connection:
            with pytest.raises(IntegrityError, match="someone_else_resolves"):
                await connection.execute(text(f"UPDATE payments SET resolved_by = {column}"))  # noqa: S608  of the list above


async def test_what_the_bank_settled_without_contradiction_is_not_resolved(world: FundingWorld) -> None:
    claim, other = await world.approved_claim(), await world.approved_claim(PRACTITIONER)
    run = await world.released_run(claim, other)
    await post(world, run, {claim: settled()})
    already_settled = await resolve(world, run, "not_paid", claim)
    title = "Some of these payments are settled, and not in doubt"
    assert (already_settled.status_code, already_settled.json()["title"]) == (409, title)
    await post(world, run, {other: refused()}, id="B2")
    nothing = await resolve(world, run, "not_paid")
    assert (nothing.status_code, nothing.json()["title"]) == (409, "No payment of this run waits to be resolved")
    strange = await resolve(world, run, "not_paid", payments=[str(new_id())])
    assert (strange.status_code, strange.json()["title"]) == (422, "This run does not have some of these payments")
    draft = (await world.json(FINANCE, "POST", RUNS, {"claims": [other]}))["id"]
    early = await resolve(world, draft, "not_paid")
    assert (early.status_code, early.json()["title"]) == (409, "This run has not been released")


async def test_a_file_that_was_refused_although_its_payments_were_settled_is_resolved(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: settled("2026-11-30")})
    await post(world, run, None, "<GrpSts>RJCT</GrpSts>" + reason("FF01"), id="B2")
    assert (await resolve(world, run, "paid", claim)).json()["needs_attention"] is False
    assert (await world.get_claim(claim))["status"] == "paid"


@pytest.mark.parametrize("outcome", ["paid", "not_paid"])
async def test_a_refused_file_stays_in_doubt_until_also_what_was_settled_in_it_is_resolved(
    world: FundingWorld, outcome: str
) -> None:
    """To resolve what is pending says nothing of a payment that is recorded as paid: nothing may have come."""
    settled_claim, pending_claim = await world.approved_claim(), await world.approved_claim(PRACTITIONER)
    run = await world.released_run(settled_claim, pending_claim)
    await post(world, run, {settled_claim: settled("2026-11-30")})
    await post(world, run, None, "<GrpSts>RJCT</GrpSts>" + reason("FF01"), id="B2")
    assert (await resolve(world, run, "not_paid")).json()["needs_attention"] is True
    page = await world.json(FINANCE, "GET", f"{RUNS}?needs_attention=true")
    assert [row["id"] for row in page["items"]] == [run]
    assert (await resolve(world, run, outcome, settled_claim)).json()["needs_attention"] is False
    await post(world, run, {pending_claim: refused()}, id="B3")
    assert (await world.json(FINANCE, "GET", f"{RUNS}?needs_attention=true"))["items"] == []
    expected = "paid" if outcome == "paid" else "approved"
    assert (await world.get_claim(settled_claim))["status"] == expected


@pytest.mark.parametrize(
    ("outcome", "on"),
    [("paid", None), ("paid", "2026-11-29"), ("paid", "2026-12-01"), ("not_paid", "2026-11-30")],
)
async def test_the_day_of_a_payment_is_possible_and_is_for_paid_only(
    world: FundingWorld, outcome: str, on: str | None
) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    response = await resolve(world, run, outcome, on=on)
    assert (response.status_code, response.json()["title"]) == (422, "This cannot be the day of the payment")
    assert response.json()["errors"][0]["pointer"] == "/on"
    assert (await world.get_claim(claim))["status"] == "in_payment"


async def test_a_confirmed_payment_keeps_its_day(world: FundingWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: settled("2026-12-01")})
    await post(world, run, {claim: refused()}, id="B2")
    monkeypatch.setattr(clock, "today", lambda: date(2026, 12, 2))
    response = await resolve(world, run, "paid", claim)
    assert (response.status_code, "2026-12-01" in response.json()["detail"]) == (422, True)
    assert (await resolve(world, run, "paid", claim, on="2026-12-01")).status_code == 200


async def test_a_resolution_needs_a_reason_and_the_run_as_it_is_now(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    assert (await resolve(world, run, "not_paid", reason=" ")).status_code == 422
    path, body = f"{RUNS}/{run}/resolve", {"outcome": "not_paid", "reason": SEEN}
    assert (await world.call(FINANCE, "POST", path, body, match=None)).status_code == 428
    before = await world.etag(FINANCE, f"{RUNS}/{run}")
    await post(world, run, {claim: "<TxSts>ACSP</TxSts>"})
    assert (await world.call(FINANCE, "POST", path, body, match=before)).status_code == 412
    assert (await world.call(FINANCE, "POST", path, body)).status_code == 200


async def test_a_message_and_two_resolutions_at_once_pay_once(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    message = await report(world, run, {claim: settled()})
    tag = await world.etag(FINANCE, f"{RUNS}/{run}")
    path, body = f"{RUNS}/{run}/resolve", {"outcome": "paid", "on": "2026-11-30", "reason": SEEN}
    posted, *resolved = await asyncio.gather(
        world.post_bank_message(run, message),
        world.call(FINANCE, "POST", path, body, match=tag),
        world.call(FINANCE, "POST", path, body, match=tag),
    )
    assert posted.status_code == 201
    assert sorted(response.status_code for response in resolved) in ([200, 412], [412, 412])
    assert await payment_events(world) == [ClaimPaid]
    assert (await world.get_claim(claim))["status"] == "paid"
    assert (await world.get_proof())["agrees"]


async def test_the_database_itself_refuses_a_claim_paid_twice_in_one_attempt(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: settled()})
    twice = (
        "INSERT INTO ledger_transactions (kind, occurred_on, claim_id)"
        " SELECT kind, occurred_on, claim_id FROM ledger_transactions WHERE kind = 'pay'"
    )
    for statement, constraint in (
        (twice, "once_per_claim"),
        ("UPDATE claims SET payment_unclear = true", "unclear_needs_attention"),
        ("UPDATE payments SET in_doubt = 'duplicate'", "in_doubt"),
    ):
        async with world.database.engine.connect() as connection:
            with pytest.raises(IntegrityError, match=constraint):
                await connection.execute(text(statement))
