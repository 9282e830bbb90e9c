"""A payment that the bank refused for the payee's account waits until its person has corrected the bank details."""

from typing import Any

import pytest

from services.funding.payments.iso20022 import reasons
from tests.funding.payments.bank_messages.reports import post, refused
from tests.funding.world import BANK_DETAILS, FundingWorld
from tests.support.callers import APPROVER, CARER, FINANCE, SECOND_FINANCE

RUNS = "/v1/payment-runs"
OTHER_DETAILS = BANK_DETAILS | {"account_number": "12345678"}
CORRECTED = "You have corrected your bank details; we will try again."


async def refused_claim(world: FundingWorld, code: str) -> str:
    claim = await world.approved_claim()
    await post(world, await world.released_run(claim), {claim: refused(code)})
    return claim


async def put_details(world: FundingWorld, details: dict[str, str]) -> None:
    (payee,) = (await world.json(CARER, "GET", "/v1/payees"))["items"]
    path = f"/v1/payees/{payee['id']}"
    put = await world.call(CARER, "PUT", path, details, **{"If-Match": await world.etag(CARER, path)})
    assert put.status_code == 200, put.text


async def queue(world: FundingWorld) -> list[str]:
    page = await world.json(APPROVER, "GET", "/v1/claims?everyone=true&needs_attention=true")
    return [claim["id"] for claim in page["items"]]


async def run_all(world: FundingWorld) -> Any:
    return (await world.call(FINANCE, "POST", RUNS)).json()


@pytest.mark.parametrize("code", ["AC01", "AC03", "AC04", "AC06", "AC07", "AG01", "BE01", "RC01"])
async def test_other_details_wake_what_the_bank_refused_for_the_account(world: FundingWorld, code: str) -> None:
    claim = await refused_claim(world, code)
    waiting = await world.get_claim(claim)
    assert "Look at your bank details" in waiting["what_next"]
    assert "a run takes it once its person has corrected" in (await run_all(world))["errors"][0]["detail"]

    await put_details(world, BANK_DETAILS)
    assert (await world.get_claim(claim))["what_next"] == waiting["what_next"]
    assert (await run_all(world))["title"] == "No approved claim waits for payment"
    assert await queue(world) == [claim]

    await put_details(world, OTHER_DETAILS)
    woken = await world.get_claim(claim)
    assert (woken["what_next"], woken["needs_attention"], await queue(world)) == (CORRECTED, False, [])
    run = await run_all(world)
    assert (run["claims"], run["left_out_count"]) == (1, 0)
    await world.json(SECOND_FINANCE, "POST", f"{RUNS}/{run['id']}/release")
    assert b"12345678" in await world.download_file(run["id"])

    await post(world, run["id"], {claim: refused(code)})
    again = await world.get_claim(claim)
    assert (again["what_next"], again["needs_attention"]) == (waiting["what_next"], True)
    assert (await run_all(world))["title"] == "No approved claim waits for payment"
    await put_details(world, BANK_DETAILS)
    assert (await world.post_bank_message(await world.released_run())).json()["paid"] == 1
    assert (await world.get_proof())["agrees"]


async def test_details_that_were_corrected_while_the_bank_had_the_old_ones_are_tried(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    run = await world.released_run(claim)
    await put_details(world, OTHER_DETAILS)
    await post(world, run, {claim: refused()})
    assert (await world.get_claim(claim))["what_next"] == CORRECTED
    assert (await run_all(world))["claims"] == 1


@pytest.mark.parametrize("code", ["AC02", "AC05", "AM04", "AG02", "FF01", "MD07", "RC03", "ZZ99"])
async def test_what_lies_with_us_is_never_blamed_on_the_person_and_waits_for_staff(
    world: FundingWorld, code: str
) -> None:
    claim = await refused_claim(world, code)
    await put_details(world, OTHER_DETAILS)
    own = await world.get_claim(claim)
    assert "You do not need to do anything" in own["what_next"]
    assert (own["needs_attention"], own["attention"]) == (True, None)
    assert f"({code})" in (await world.get_claim(claim, FINANCE))["attention"]
    assert (await run_all(world))["title"] == "No approved claim waits for payment"
    assert await queue(world) == [claim]
    assert (await world.json(FINANCE, "POST", RUNS, {"claims": [claim]}))["claims"] == 1


async def test_a_draft_run_that_is_cancelled_leaves_known_which_details_were_refused(world: FundingWorld) -> None:
    claim = await refused_claim(world, "AC04")
    waiting = (await world.get_claim(claim))["what_next"]
    run = await world.json(FINANCE, "POST", RUNS, {"claims": [claim]})
    assert await queue(world) == [claim]
    await put_details(world, OTHER_DETAILS)
    assert await queue(world) == []
    await put_details(world, BANK_DETAILS)
    await world.json(FINANCE, "POST", f"{RUNS}/{run['id']}/cancel")
    assert (await world.get_claim(claim))["what_next"] == CORRECTED != waiting
    await world.released_run()
    assert await world.rows("SELECT bank_reason, refused_payee_version FROM claims") == [
        {"bank_reason": None, "refused_payee_version": None}
    ]


def test_a_reason_is_the_payees_or_a_duplicate_or_ours_and_unknown_ones_are_nobodys() -> None:
    for code, reason in reasons.STATUS_REASONS.items():
        assert not (reason.payee and reason.duplicate)
        assert (reasons.concerns_payee(code), reasons.means_duplicate(code)) == (reason.payee, reason.duplicate)
    assert reasons.concerns_payee(" ac04 ")
    assert not any(map(reasons.concerns_payee, (None, "", "ZZ99", "NARR")))
