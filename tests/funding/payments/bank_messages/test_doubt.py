"""What the bank reports of a whole file, as duplicate, or otherwise than before, changes no payment."""

import asyncio
from typing import Any

import pytest

from deploy.demo import bank
from services.funding.participation.claims.situations import FILE_IN_DOUBT
from tests.funding.payments.bank_messages.reports import post, reason, refused, report, settled
from tests.funding.world import FundingWorld
from tests.support.callers import APPROVER, CARER, EDITOR, FINANCE, PRACTITIONER, SECOND_FINANCE

RUNS = "/v1/payment-runs"
PAID = ("Paid on", "The bank pays you on")
"""On a day of the weekend the bank's day has not come yet."""


async def run_of(world: FundingWorld, run: str) -> Any:
    return await world.json(FINANCE, "GET", f"{RUNS}/{run}")


async def payment_of(world: FundingWorld, run: str, claim: str) -> Any:
    payments = (await world.json(FINANCE, "GET", f"{RUNS}/{run}/payments"))["items"]
    return next(payment for payment in payments if payment["claim_id"] == claim)


async def runs_needing_attention(world: FundingWorld, *, needed: bool = True) -> list[str]:
    page = await world.json(FINANCE, "GET", f"{RUNS}?needs_attention={str(needed).lower()}")
    return [run["id"] for run in page["items"]]


@pytest.mark.parametrize(
    ("file", "bank_status", "bank_reason", "contradicted"),
    [
        ("<GrpSts>RJCT</GrpSts>" + reason("DUPL"), "RJCT", "DUPL", False),
        ("<GrpSts>RJCT</GrpSts>" + reason("AM05"), "RJCT", "AM05", False),
        ("<GrpSts>RJCT</GrpSts>" + reason("FF01"), "RJCT", "FF01", True),
        ("<GrpSts>CANC</GrpSts>", "CANC", "NARR", True),
        ("<GrpSts>ACSC</GrpSts>", "ACSC", None, False),
    ],
    ids=["DUPL", "AM05", "refused", "cancelled", "settled"],
)
async def test_what_is_reported_of_the_file_changes_no_payment_and_needs_a_person(
    world: FundingWorld, file: str, bank_status: str, bank_reason: str | None, contradicted: bool
) -> None:
    """`contradicted`: the payments' own settlement afterwards does not fit what was reported of the file."""
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    assert await runs_needing_attention(world) == []
    applied = await post(world, run, None, file)
    assert (applied["paid"], applied["refused"], applied["waiting"], applied["run_status"]) == (0, 0, 1, "released")
    details = await run_of(world, run)
    assert (details["bank_status"], details["bank_reason"], details["needs_attention"]) == (
        bank_status,
        bank_reason,
        True,
    )
    assert f"/v1/payment-runs/{run}/resolve" in details["attention"]
    assert (await payment_of(world, run, claim))["status"] == "pending"
    reads = await world.get_claim(claim)
    assert (reads["status"], reads["needs_attention"], reads["what_next"]) == ("in_payment", True, FILE_IN_DOUBT)
    queue = await world.json(APPROVER, "GET", "/v1/claims?everyone=true&needs_attention=true")
    assert [(item["id"], "leaves open what became of" in item["attention"]) for item in queue["items"]] == [
        (claim, True)
    ]
    assert (await world.call(FINANCE, "POST", RUNS)).json()["title"] == "No approved claim waits for payment"
    assert (await world.call(FINANCE, "POST", RUNS, {"claims": [claim]})).status_code == 409
    assert await runs_needing_attention(world) == [run]
    assert await runs_needing_attention(world, needed=False) == []
    settles = await post(world, run, {claim: settled()}, id="B2")
    assert (settles["paid"], settles["run_status"]) == (1, "settled")
    after = await run_of(world, run)
    assert (after["needs_attention"], after["bank_status"]) == (contradicted, bank_status)
    assert (await world.get_claim(claim))["what_next"].startswith(PAID)
    assert await world.paid_events() == 1


async def test_of_a_refused_file_only_those_whose_payment_waits_are_not_promised_a_day(world: FundingWorld) -> None:
    """What the bank reports of a payment itself, and what a person resolves, ends it for that claim."""
    claims = [await world.approved_claim(person) for person in (CARER, PRACTITIONER, EDITOR)]
    run = await world.released_run(*claims)
    file = "<GrpSts>RJCT</GrpSts>" + reason("FF01")
    await post(world, run, {claims[0]: settled(), claims[1]: "<TxSts>ACSP</TxSts>"}, file)
    people = (CARER, PRACTITIONER, EDITOR)

    async def reads() -> list[str]:
        return [
            (await world.get_claim(claim, person))["what_next"] for claim, person in zip(claims, people, strict=True)
        ]

    paid, *waiting = await reads()
    assert (paid.startswith(PAID), waiting) == (True, [FILE_IN_DOUBT, FILE_IN_DOUBT])
    await post(world, run, {claims[1]: refused()}, id="B2")
    _, account_refused, still_waits = await reads()
    assert ("bank details" in account_refused, still_waits) == (True, FILE_IN_DOUBT)
    resolution = {"outcome": "not_paid", "reason": "The bank paid nobody else of this file."}
    assert (await world.call(FINANCE, "POST", f"{RUNS}/{run}/resolve", resolution)).status_code == 200
    assert (await reads())[2].startswith("You were not paid yet")


async def test_a_duplicate_notice_of_the_demonstrations_bank_pays_nobody_twice(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    file = await world.download_file(run)
    assert (await world.post_bank_message(run, bank.duplicate_notice(file))).json()["refused"] == 0
    assert (await world.get_claim(claim))["status"] == "in_payment"
    assert (await world.post_bank_message(run, bank.status_report(file))).json()["paid"] == 1
    late = bank.duplicate_notice(file).replace(b"DUPL-", b"LATE-")
    assert (await world.post_bank_message(run, late)).status_code == 201
    assert (await run_of(world, run))["needs_attention"] is False
    assert (await world.get_claim(claim))["status"] == "paid"


async def test_a_file_that_is_refused_after_its_payments_were_settled_is_shown(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: settled()})
    await post(world, run, None, "<GrpSts>RJCT</GrpSts>" + reason("FF01"), id="B2")
    details = await run_of(world, run)
    assert details["needs_attention"] is True
    assert "those that are not pending named in `payments`" in details["attention"], "without them nothing waits"
    assert (await world.get_claim(claim))["status"] == "paid"
    await post(world, run, None, "<GrpSts>ACCP</GrpSts>", id="B3")
    assert (await run_of(world, run))["bank_status"] == "RJCT"


async def test_a_file_that_is_merely_accepted_needs_nobody(world: FundingWorld) -> None:
    run = await world.released_run(await world.approved_claim())
    await post(world, run, None, "<GrpSts>ACCP</GrpSts>")
    details = await run_of(world, run)
    assert (details["bank_status"], details["needs_attention"], details["attention"]) == ("ACCP", False, None)


async def test_a_payment_that_is_refused_as_duplicate_waits_for_a_person(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    applied = await post(world, run, {claim: refused("DU04")})
    assert (applied["refused"], applied["duplicates"], applied["run_status"]) == (0, 1, "released")
    payment = await payment_of(world, run, claim)
    assert (payment["status"], payment["bank_status"], payment["bank_reason"]) == ("pending", "RJCT", "DU04")
    assert "It may be paid already" in payment["attention"]
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == ("in_payment", True)
    assert "do not agree" in details["what_next"]
    assert "may be paid" in details["history"][-1]["reason"]
    assert await runs_needing_attention(world) == [run]
    await post(world, run, {claim: refused("DU04")}, id="B2")
    assert len((await world.get_claim(claim))["history"]) == len(details["history"])
    await post(world, run, {claim: settled()}, id="B3")
    after = await world.get_claim(claim)
    assert (after["status"], after["needs_attention"]) == ("paid", False)
    assert await runs_needing_attention(world) == []


async def test_refused_then_settled_is_shown_and_is_not_paid_again(world: FundingWorld) -> None:
    claim, other = await world.approved_claim(), await world.approved_claim(PRACTITIONER)
    run = await world.released_run(claim)
    await post(world, run, {claim: refused()})
    applied = await post(world, run, {claim: settled()}, id="B2")
    assert (applied["paid"], applied["contradictions"]) == (0, 1)
    payment = await payment_of(world, run, claim)
    assert (payment["status"], payment["bank_status"], payment["needs_attention"]) == ("refused", "ACSC", True)
    assert "refused before, then ACSC" in payment["attention"]
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == ("approved", True)
    assert "do not agree" in details["what_next"]
    assert "refused before, and now as paid" in details["history"][-1]["reason"]
    assert await runs_needing_attention(world) == [run]
    named = await world.call(FINANCE, "POST", RUNS, {"claims": [claim]})
    assert (named.status_code, named.json()["title"]) == (409, "It is not clear whether some of these claims were paid")
    everything = await world.json(FINANCE, "POST", RUNS)
    assert everything["claims"] == 1
    assert {row["claim_id"]: row["reason"] for row in everything["left_out"]}[claim].startswith("it may have been paid")
    assert (await world.get_claim(other, PRACTITIONER))["status"] == "in_payment"
    assert (await world.get_proof())["agrees"]


async def test_a_draft_run_with_a_claim_that_may_have_been_paid_is_not_released(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: refused()})
    draft = (await world.json(FINANCE, "POST", RUNS, {"claims": [claim]}))["id"]
    await post(world, run, {claim: settled()}, id="B2")
    assert set(await runs_needing_attention(world)) == {run, draft}
    release = await world.call(SECOND_FINANCE, "POST", f"{RUNS}/{draft}/release")
    assert (release.status_code, release.json()["title"]) == (
        409,
        "It is not clear whether some of these claims were paid",
    )
    assert claim in release.json()["errors"][0]["detail"]
    assert await world.rows("SELECT id FROM payment_files WHERE run_id = :id", id=draft) == []
    await world.json(FINANCE, "POST", f"{RUNS}/{draft}/cancel")
    after = await world.get_claim(claim)
    assert (after["status"], after["needs_attention"]) == ("approved", True)
    assert await runs_needing_attention(world) == [run]


async def test_both_runs_show_a_claim_that_was_released_again_and_then_settled_the_first_time(
    world: FundingWorld,
) -> None:
    claim = await world.approved_claim()
    first = await world.released_run(claim)
    await post(world, first, {claim: refused()})
    second = await world.released_run(claim)
    await post(world, first, {claim: settled()}, id="B2")
    assert set(await runs_needing_attention(world)) == {first, second}
    assert (await payment_of(world, second, claim))["attention"].startswith("The bank's reports on another payment")
    assert (await run_of(world, second))["needs_attention"] is True
    await post(world, second, {claim: settled()}, id="B3")
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == ("paid", True)
    assert set(await runs_needing_attention(world)) == {first, second}
    assert await world.paid_events() == 1
    assert (await world.get_proof())["agrees"]


async def test_paid_then_refused_is_shown_and_stays_paid(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: settled()})
    applied = await post(world, run, {claim: refused()}, id="B2")
    assert (applied["refused"], applied["contradictions"], applied["run_status"]) == (0, 1, "settled")
    payment = await payment_of(world, run, claim)
    assert (payment["status"], payment["bank_reason"], payment["needs_attention"]) == ("paid", "AC04", True)
    details = await world.get_claim(claim)
    assert (details["status"], details["needs_attention"]) == ("paid", True)
    assert await runs_needing_attention(world) == [run]
    waiting = await world.json(APPROVER, "GET", "/v1/claims?everyone=true&needs_attention=true")
    assert [row["id"] for row in waiting["items"]] == [claim]
    late = await post(world, run, {claim: "<TxSts>ACSP</TxSts>"}, id="B3")
    assert late["contradictions"] == 0


async def test_every_message_is_kept_with_what_it_did(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await post(world, run, {claim: refused()}, "<GrpSts>RJCT</GrpSts>")
    applied = await post(world, run, {claim: settled()}, id="B2")
    page = await world.json(FINANCE, "GET", f"/v1/bank-messages?run_id={run}")
    assert [message["message_id"] for message in page["items"]] == ["B2", "B1"]
    assert (page["items"][1]["file_status"], page["items"][1]["refused"]) == ("RJCT", 1)
    message = await world.json(FINANCE, "GET", f"/v1/bank-messages/{applied['id']}")
    assert message == page["items"][0]
    reported = (await world.json(FINANCE, "GET", f"/v1/bank-messages/{applied['id']}/payments"))["items"]
    assert [(row["claim_id"], row["bank_status"], row["effect"]) for row in reported] == [
        (claim, "ACSC", "contradicts")
    ]
    missing = await world.call(FINANCE, "GET", f"/v1/bank-messages/{run}")
    assert (missing.status_code, missing.json()["title"]) == (404, "There is no such bank message")


async def test_two_messages_that_contradict_each_other_at_once_pay_at_most_once(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    messages = [
        await report(world, run, {claim: settled()}, id="B1"),
        await report(world, run, {claim: refused()}, id="B2"),
        await report(world, run, {claim: refused("DUPL")}, id="B3"),
    ]
    responses = await asyncio.gather(*(world.post_bank_message(run, message) for message in messages))
    assert [response.status_code for response in responses] == [201, 201, 201]
    assert sum(response.json()["contradictions"] for response in responses) == 1
    assert sum(response.json()["paid"] + response.json()["refused"] for response in responses) == 1
    assert (await world.get_claim(claim))["needs_attention"] is True
    assert await world.paid_events() == sum(response.json()["paid"] for response in responses)
    assert (await world.get_proof())["agrees"]


async def test_a_release_and_a_contradiction_at_once_leave_nothing_unseen(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    first = await world.released_run(claim)
    await post(world, first, {claim: refused()})
    second = (await world.json(FINANCE, "POST", RUNS, {"claims": [claim]}))["id"]
    message = await report(world, first, {claim: settled()}, id="B2")
    released, posted = await asyncio.gather(
        world.call(SECOND_FINANCE, "POST", f"{RUNS}/{second}/release"), world.post_bank_message(first, message)
    )
    assert (released.status_code in (200, 409), posted.json()["contradictions"]) == (True, 1)
    assert set(await runs_needing_attention(world)) == {first, second}
    files = await world.rows("SELECT id FROM payment_files WHERE run_id = :id", id=second)
    assert len(files) == (released.status_code == 200)
