import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.demo import bank
from services.funding.payments.runs.queries import lock_run
from shared.callers import Role, person
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, money
from tests.support.callers import APPROVER, CARER, FINANCE, PRACTITIONER, SECOND_FINANCE

RUNS = "/v1/payment-runs"
APPROVED = {"decision": "approved"}
RETURNED = {"decision": "returned", "reason": "This was the bus of another day."}
REFUSED = {"decision": "refused", "reason": "The council has paid it."}


async def decide(world: FundingWorld, claim: str, decision: dict[str, str], **headers: str) -> httpx.Response:
    return await world.call(APPROVER, "POST", f"/v1/claims/{claim}/decisions", decision, **headers)


async def owed_pence(world: FundingWorld) -> int:
    proof = await world.get_proof()
    assert proof["agrees"]
    return -next(account for account in proof["accounts"] if account["code"] == "payable")["balance"]["pence"]


async def history(world: FundingWorld, claim: str) -> list[tuple[str, str]]:
    return [(step["step"], step["role"]) for step in (await world.get_claim(claim))["history"]]


@pytest.mark.parametrize("decision", [RETURNED, REFUSED])
async def test_an_approval_is_taken_back_with_a_reason_and_nothing_is_owed(
    world: FundingWorld, decision: dict[str, str]
) -> None:
    claim = await world.approved_claim()
    assert await owed_pence(world) == 8_810
    without = await decide(world, claim, {"decision": decision["decision"]})
    assert (without.status_code, without.json()["title"]) == (422, "A reason is needed")
    assert (await decide(world, claim, decision)).json()["status"] == decision["decision"]
    assert await owed_pence(world) == 0
    assert (await decide(world, claim, REFUSED)).json()["title"] == "This claim is not waiting for a decision"
    details = await world.get_claim(claim)
    assert details["history"][-1]["reason"] == decision["reason"]


async def test_a_claim_whose_approval_was_taken_back_is_approved_and_paid_once_more(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    for _ in range(2):
        await decide(world, claim, RETURNED)
        await world.json(CARER, "POST", f"/v1/claims/{claim}/submit")
        await decide(world, claim, APPROVED)
    assert await owed_pence(world) == 8_810
    assert (await world.post_bank_message(await world.released_run(claim))).json()["paid"] == 1
    assert await owed_pence(world) == 0
    assert (await world.scheme())["paid_pence"] == 8_810


async def test_a_claim_in_a_draft_run_is_taken_out_and_the_run_pays_the_rest(world: FundingWorld) -> None:
    first, second = await world.approved_claim(), await world.approved_claim(PRACTITIONER)
    run = (await world.json(FINANCE, "POST", RUNS, {"claims": [first, second]}))["id"]
    assert (await decide(world, first, RETURNED)).json()["status"] == "returned"
    assert await history(world, first) == [
        ("submitted", "claimant"),
        ("approved", "approver"),
        ("in_payment", "finance"),
        ("payment_stopped", "approver"),
        ("returned", "approver"),
    ]
    view = await world.json(FINANCE, "GET", f"{RUNS}/{run}")
    assert (view["status"], view["claims"], view["total"]) == ("draft", 1, money(8_810))
    payments = (await world.json(FINANCE, "GET", f"{RUNS}/{run}/payments"))["items"]
    assert {payment["claim_id"]: payment["status"] for payment in payments} == {first: "cancelled", second: "pending"}
    assert await owed_pence(world) == 8_810
    cancelled_id = await world.end_to_end_id(run, first)
    await world.json(SECOND_FINANCE, "POST", f"{RUNS}/{run}/release")
    assert cancelled_id.encode() not in await world.download_file(run)
    assert (await world.post_bank_message(run)).json()["paid"] == 1
    assert (await world.json(FINANCE, "GET", f"{RUNS}/{run}"))["status"] == "settled"
    assert ((await world.get_claim(first))["status"], await owed_pence(world)) == ("returned", 0)


async def test_a_run_left_empty_is_cancelled(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = (await world.json(FINANCE, "POST", RUNS, {"claims": [claim]}))["id"]
    await decide(world, claim, REFUSED)
    view = await world.json(FINANCE, "GET", f"{RUNS}/{run}")
    assert (view["status"], view["claims"], view["total"]) == ("cancelled", 0, money(0))
    late = await world.call(SECOND_FINANCE, "POST", f"{RUNS}/{run}/release")
    assert late.json()["title"] == "This run was released or cancelled already"


async def test_after_the_release_an_approval_stays_until_the_bank_refuses_the_payment(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    await world.released_run(claim)
    late = await decide(world, claim, RETURNED)
    assert (late.status_code, late.json()["title"]) == (409, "This claim has gone to the bank")
    assert (await world.get_claim(claim))["status"] == "in_payment"
    assert await owed_pence(world) == 8_810


async def test_taking_back_waits_for_a_release_under_way(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run_id = (await world.json(FINANCE, "POST", RUNS, {"claims": [claim]}))["id"]
    async with world.database.transaction() as uow:
        run = await lock_run(uow.session, UUID(run_id))
        waiting = asyncio.create_task(decide(world, claim, RETURNED))
        done, _ = await asyncio.wait([waiting], timeout=0.5)
        assert not done
        run.status, run.released_by = "released", SECOND_FINANCE.id
    assert (await waiting).json()["title"] == "This claim has gone to the bank"


async def test_a_claim_that_the_bank_refused_can_be_returned(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    content = bank.status_report(await world.download_file(run), {await world.end_to_end_id(run, claim)})
    assert (await world.post_bank_message(run, content)).json()["refused"] == 1
    assert (await decide(world, claim, RETURNED)).json()["status"] == "returned"
    details = await world.get_claim(claim)
    assert (details["needs_attention"], details["bank_reason"], await owed_pence(world)) == (False, None, 0)


async def test_nobody_takes_the_approval_of_their_own_claim_back(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    own = await world.call(person(CARER.id, Role.APPROVER), "POST", f"/v1/claims/{claim}/decisions", RETURNED)
    assert (own.status_code, own.json()["title"]) == (403, "Someone else must decide this")


async def test_an_approval_of_another_version_is_not_taken_back(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    read = (await world.call(APPROVER, "GET", f"/v1/claims/{claim}")).headers["etag"]
    await world.json(FINANCE, "POST", RUNS, {"claims": [claim]})
    assert (await decide(world, claim, RETURNED, **{"If-Match": read})).status_code == 412
    assert (await world.get_claim(claim))["status"] == "in_payment"


@pytest.mark.parametrize("attempt", range(4))
async def test_taking_back_races_with_making_releasing_and_cancelling_runs_and_never_blocks(
    world: FundingWorld, attempt: int
) -> None:
    claims = [await world.approved_claim(person(new_id())) for _ in range(4)]
    draft = (await world.json(FINANCE, "POST", RUNS, {"claims": claims[:3]}))["id"]

    async def finance(path: str, body: Any = None) -> httpx.Response:
        return await world.call(SECOND_FINANCE, "POST", f"{RUNS}{path}", body)

    tasks = [
        *(decide(world, claim, RETURNED) for claim in claims),
        finance(f"/{draft}/release"),
        finance("", {"claims": claims[3:]}),
        *([finance(f"/{draft}/cancel")] if attempt % 2 else []),
    ]
    async with asyncio.timeout(20):
        responses = await asyncio.gather(*(tasks if attempt < 2 else reversed(tasks)))
    assert {response.status_code for response in responses} <= {200, 201, 409, 412}
    runs = (await world.json(FINANCE, "GET", RUNS))["items"]
    for run in runs:
        payments = (await world.json(FINANCE, "GET", f"{RUNS}/{run['id']}/payments"))["items"]
        pending = [payment["claim_id"] for payment in payments if payment["status"] == "pending"]
        assert run["status"] == "cancelled" or (run["claims"], run["total"]["pence"]) == (
            len(pending),
            8_810 * len(pending),
        )
        assert run["status"] == "cancelled" or pending
        for claim in pending:
            (row,) = await world.rows("SELECT status FROM claims WHERE id = :id", id=claim)
            assert row["status"] == "in_payment"
    statuses = [row["status"] for row in await world.rows("SELECT status FROM claims")]
    owed = 8_810 * sum(status in ("approved", "in_payment") for status in statuses)
    assert await owed_pence(world) == owed
