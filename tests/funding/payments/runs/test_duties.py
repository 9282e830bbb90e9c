"""Who makes and releases a run, and which claims a run of all takes."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from deploy.demo import bank
from services.funding.payments.runs import left_out_claims, rules
from shared.callers import Role, person
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, attendance_recorded
from tests.support.callers import CARER, FINANCE, PRACTITIONER, SECOND_FINANCE, somebody

RUNS = "/v1/payment-runs"


async def test_a_run_is_released_by_another_officer_than_the_one_who_made_it(world: FundingWorld) -> None:
    await world.approved_claim()
    run = (await world.json(FINANCE, "POST", RUNS))["id"]
    own = await world.call(FINANCE, "POST", f"{RUNS}/{run}/release")
    assert (own.status_code, own.json()["title"]) == (403, "Someone else must release this run")
    assert "another finance officer" in own.json()["detail"]
    assert (await world.call(FINANCE, "GET", f"{RUNS}/{run}/file")).status_code == 409
    assert (await world.json(SECOND_FINANCE, "POST", f"{RUNS}/{run}/release"))["status"] == "released"
    assert (await world.post_bank_message(run)).json()["paid"] == 1


async def test_the_database_itself_refuses_a_run_that_its_maker_releases(world: FundingWorld) -> None:
    await world.approved_claim()
    await world.json(FINANCE, "POST", RUNS)
    async with world.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match="someone_else_releases"):
            await connection.execute(text("UPDATE payment_runs SET released_by = created_by, status = 'released'"))


async def test_a_run_of_all_takes_what_this_officer_may_pay_and_names_the_rest(world: FundingWorld) -> None:
    officer = person(new_id(), Role.FINANCE, Role.APPROVER)
    payable = await world.approved_claim(PRACTITIONER)
    own = await world.approved_claim(officer)
    approved = await world.approved_claim(CARER, by=officer)
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements WHERE registration_id = :id", id=recorded.registration_id)
    in_question = await world.submitted_claim(CARER, str(row["id"]))
    await world.approve(in_question)
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    refused = await world.approved_claim()
    earlier = await world.released_run(refused)
    id = await world.end_to_end_id(earlier, refused)
    await world.post_bank_message(earlier, bank.status_report(await world.download_file(earlier), {id}))
    without_details = somebody()
    unpayable = await world.approved_claim(without_details)
    async with world.database.engine.begin() as connection:
        await connection.execute(text("DELETE FROM payees WHERE person_id = :id"), {"id": without_details.id})

    run = await world.json(officer, "POST", RUNS)

    assert (run["claims"], run["left_out_count"]) == (1, 5)
    payments = (await world.json(FINANCE, "GET", f"{RUNS}/{run['id']}/payments"))["items"]
    assert [payment["claim_id"] for payment in payments] == [payable]
    reasons = {row["claim_id"]: row["reason"].partition(":")[0] for row in run["left_out"]}
    assert reasons == {
        own: "you claimed this one",
        approved: "you approved this one",
        in_question: "its entitlement is in question or withdrawn",
        refused: "the bank refused it",
        unpayable: "no bank details",
    }
    colleagues = await world.json(FINANCE, "POST", RUNS)
    assert (colleagues["claims"], colleagues["left_out_count"]) == (2, 3)


async def test_where_an_officer_may_pay_nothing_the_refusal_names_every_claim_and_why(world: FundingWorld) -> None:
    officer = person(new_id(), Role.FINANCE, Role.APPROVER)
    claim = await world.approved_claim(by=officer)
    refused = await world.call(officer, "POST", RUNS)
    assert (refused.status_code, refused.json()["title"]) == (409, "No approved claim waits for payment")
    assert [error["detail"] for error in refused.json()["errors"]] == [
        f"{claim}: you approved this one: leave it to a colleague in finance"
    ]
    assert (await world.get_claim(claim))["status"] == "approved"


async def test_claims_that_are_named_leave_none_out(world: FundingWorld) -> None:
    await world.approved_claim(PRACTITIONER)
    run = await world.json(FINANCE, "POST", RUNS, {"claims": [await world.approved_claim()]})
    assert (run["left_out"], run["left_out_count"]) == ([], 0)


async def test_the_list_of_what_was_left_out_is_short_and_its_count_is_not(
    world: FundingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_REPORTED_CLAIMS", 2)
    monkeypatch.setattr(left_out_claims, "MAX_CLAIMS_PER_RUN", 1)
    claims = [await world.approved_claim() for _ in range(5)]
    run = await world.json(FINANCE, "POST", RUNS)
    assert (run["claims"], run["left_out_count"]) == (1, 4)
    assert [row["claim_id"] for row in run["left_out"]] == claims[1:3]
    assert {row["reason"] for row in run["left_out"]} == {
        "the run has its 1 claims already, or it was approved just now: make another run"
    }
