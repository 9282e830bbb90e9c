from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.callers import Role, person
from shared.events.contracts.engagement import AttendanceRecorded
from tests.funding.payments.bank_messages.reports import post, refused
from tests.funding.payments.outcomes.test_api import resolve
from tests.funding.world import FundingWorld, attendance_recorded, line, money
from tests.support.callers import APPROVER, CARER, FINANCE, FUNDING_OFFICER

OVERPAID = "/v1/entitlements?overpaid=true"


async def overpaid(world: FundingWorld) -> tuple[str, AttendanceRecorded]:
    """Pay an attendance that is corrected afterwards. Returns the path of the entitlement and its first event."""
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements")
    claim = await world.submitted_claim(CARER, str(row["id"]), line("involvement_payment", 8_250))
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
    await world.post_bank_message(await world.released_run(claim))
    path = f"/v1/entitlements/{row['id']}"
    await correct(world, path, recorded.model_copy(update={"attended": False}), 2)
    return path, recorded


async def correct(world: FundingWorld, path: str, recorded: AttendanceRecorded, sequence: int) -> None:
    """Correct the attendance, and let the entitlement follow it."""
    await world.handle(recorded, sequence=sequence)
    if (await world.json(FUNDING_OFFICER, "GET", path))["in_question"]:
        await world.json(FUNDING_OFFICER, "POST", f"{path}/resolve", {"resolution": "corrected"})


async def close(world: FundingWorld, path: str, outcome: str, pence: int) -> Any:
    body = {"outcome": outcome, "amount": money(pence), "reason": "Paid back on 3 December."}
    return await world.json(FUNDING_OFFICER, "POST", f"{path}/recoveries", body)


async def sums(world: FundingWorld, path: str) -> tuple[int, int, int]:
    """Return what the person reads: the pence that were overpaid, paid, and that remain to be claimed."""
    view = await world.json(CARER, "GET", path)
    return view["overpaid"]["pence"], view["paid"]["pence"], view["remaining"]["pence"]


async def overpaid_count(world: FundingWorld) -> int:
    return len((await world.json(FUNDING_OFFICER, "GET", OVERPAID))["items"])


async def test_what_was_paid_too_much_is_on_the_list_of_funding_officers(world: FundingWorld) -> None:
    path, recorded = await overpaid(world)
    assert (await sums(world, path), await overpaid_count(world)) == ((8_250, 8_250, 0), 1)
    assert "£82.50 more was paid" in (await world.json(CARER, "GET", path))["explanation"]
    for caller in (CARER, APPROVER, FINANCE):
        assert (await world.call(caller, "GET", OVERPAID)).status_code == 403
    await correct(world, path, recorded, 3)
    assert (await sums(world, path), await overpaid_count(world)) == ((0, 8_250, 0), 0)


async def test_a_part_is_recovered_and_the_rest_written_off_with_a_reason(world: FundingWorld) -> None:
    path, _ = await overpaid(world)
    assert (await close(world, path, "recovered", 5_000))["amount"] == money(5_000)
    assert (await sums(world, path), await overpaid_count(world)) == ((3_250, 3_250, 0), 1)
    await close(world, path, "written_off", 3_250)
    assert (await sums(world, path), await overpaid_count(world)) == ((0, 3_250, 0), 0)
    rows = (await world.json(FUNDING_OFFICER, "GET", f"{path}/recoveries"))["items"]
    assert [(row["outcome"], row["reason"]) for row in rows] == [
        ("recovered", "Paid back on 3 December."),
        ("written_off", "Paid back on 3 December."),
    ]
    entries = await world.rows("SELECT actor, after FROM audit_entries WHERE kind = 'Recovery'")
    assert {entry["actor"] for entry in entries} == {FUNDING_OFFICER.id}
    assert "December" not in str(entries)
    assert (await world.get_proof())["agrees"]


async def test_what_was_recovered_can_be_claimed_again_once_the_attendance_is_corrected_back(
    world: FundingWorld,
) -> None:
    path, recorded = await overpaid(world)
    await close(world, path, "recovered", 8_250)
    await correct(world, path, recorded, 3)
    assert await sums(world, path) == (0, 0, 8_250)
    claim = await world.submitted_claim(CARER, path.rpartition("/")[2], line("involvement_payment", 8_250))
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
    await world.post_bank_message(await world.released_run(claim))
    assert await sums(world, path) == (0, 8_250, 0)
    assert (await world.get_proof())["agrees"]


async def test_what_was_written_off_is_on_the_list_again_after_another_correction_back_and_forth(
    world: FundingWorld,
) -> None:
    path, recorded = await overpaid(world)
    await close(world, path, "written_off", 8_250)
    await correct(world, path, recorded, 3)
    assert await sums(world, path) == (0, 8_250, 0), "it was paid, and is not claimed a second time"
    await correct(world, path, recorded.model_copy(update={"attended": False}), 4)
    assert (await sums(world, path), await overpaid_count(world)) == ((8_250, 8_250, 0), 1)


async def test_a_payment_under_way_at_the_withdrawal_is_overpaid_when_the_bank_confirms_it(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements")
    claim = await world.submitted_claim(CARER, str(row["id"]))
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
    run, path = await world.released_run(claim), f"/v1/entitlements/{row['id']}"
    await correct(world, path, recorded.model_copy(update={"attended": False}), 2)
    assert await sums(world, path) == (0, 0, 0)
    assert (await world.post_bank_message(run)).json()["paid"] == 1
    assert (await sums(world, path), await overpaid_count(world)) == ((8_250, 8_250, 0), 1)


async def test_no_more_than_what_is_open_is_closed_and_each_once(world: FundingWorld) -> None:
    path, _ = await overpaid(world)
    recoveries, body = f"{path}/recoveries", {"outcome": "recovered", "amount": money(8_251), "reason": "Paid back."}
    etag = (await world.call(FUNDING_OFFICER, "GET", path)).headers["ETag"]
    unseen = await world.call(FUNDING_OFFICER, "POST", recoveries, body, match=None)
    assert (unseen.status_code, unseen.json()["detail"][:5]) == (428, "Fetch")
    any_state = await world.call(FUNDING_OFFICER, "POST", recoveries, body, match="*")
    assert (any_state.status_code, "`*` stands for any state" in any_state.json()["detail"]) == (428, True)
    assert (await world.call(FUNDING_OFFICER, "POST", recoveries, body, key=None)).status_code == 400
    more = await world.call(FUNDING_OFFICER, "POST", recoveries, body, **{"If-Match": etag})
    assert (more.status_code, more.json()["title"]) == (409, "This is more than was overpaid")
    assert "£82.50 are overpaid" in more.json()["detail"]
    body["amount"] = money(8_250)
    first = await world.call(FUNDING_OFFICER, "POST", recoveries, body, **{"If-Match": etag})
    assert first.status_code == 201
    again = await world.call(FUNDING_OFFICER, "POST", recoveries, body, **{"If-Match": etag})
    assert again.status_code == 412
    for invalid in ({"amount": money(0)}, {"reason": ""}, {"outcome": "forgotten"}):
        refused = await world.call(FUNDING_OFFICER, "POST", recoveries, body | invalid)
        assert refused.status_code == 422


async def test_only_another_funding_officer_closes_an_overpayment(world: FundingWorld) -> None:
    path, _ = await overpaid(world)
    body = {"outcome": "written_off", "amount": money(8_250), "reason": "It is mine."}
    for caller in (CARER, APPROVER, FINANCE):
        refused = await world.call(caller, "POST", f"{path}/recoveries", body)
        assert refused.status_code == 403
    own = person(CARER.id, Role.FUNDING_OFFICER)
    refused = await world.call(own, "POST", f"{path}/recoveries", body)
    assert (refused.status_code, refused.json()["title"]) == (403, "Someone else must decide this")


async def test_the_database_itself_keeps_the_sums_of_an_entitlement_together(world: FundingWorld) -> None:
    await overpaid(world)
    for change, constraint in (
        ("overpaid_pence = 0", "overpaid_is_beyond_entitlement"),
        ("written_off_pence = 1", "overpaid_is_beyond_entitlement"),
        ("claimed_pence = 8251, paid_pence = 8251", "overpaid_is_beyond_entitlement|claimed_is_entitled"),
        ("claimed_pence = 8251", "claimed_is_entitled"),
        ("claimed_pence = 8249", "paid_is_claimed"),
        ("in_question = true, submitted_claims = 0", "question_has_claim"),
        ("attendance_pence = 1", "attendance_is_whole"),
    ):
        async with world.database.engine.connect() as connection:
            with pytest.raises(IntegrityError, match=constraint):
                await connection.execute(text(f"UPDATE entitlements SET {change}"))  # noqa: S608  of the list above


async def test_a_payment_that_was_recovered_and_is_claimed_again_is_voided_once_that_claim_is_settled(
    world: FundingWorld,
) -> None:
    path, recorded = await overpaid(world)
    await close(world, path, "recovered", 8_250)
    await correct(world, path, recorded, 3)
    (first,) = await world.rows("SELECT claim_id, run_id FROM payments")
    run, claim = str(first["run_id"]), str(first["claim_id"])
    again = await world.submitted_claim(CARER, path.rpartition("/")[2], line("involvement_payment", 8_250))
    await post(world, run, {claim: refused()})
    early = await resolve(world, run, "not_paid", claim)
    assert (early.status_code, early.json()["title"]) == (409, "What was recovered is claimed again")
    returned = {"decision": "returned", "reason": "The first payment did not arrive."}
    await world.json(APPROVER, "POST", f"/v1/claims/{again}/decisions", returned)
    assert (await resolve(world, run, "not_paid", claim)).status_code == 200
    assert (await sums(world, path)) == (0, 0, 0)
    assert (await world.get_proof())["agrees"]
