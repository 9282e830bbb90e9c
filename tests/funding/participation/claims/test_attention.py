"""Claims whose entitlement changed or whose promise has passed say so to their person, and wait for staff."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event as engine_events

from shared import clock
from shared.events.contracts.engagement import AttendanceRecorded
from tests.funding.world import FundingWorld, attendance_recorded, line
from tests.support.callers import APPROVER, CARER, FINANCE, FUNDING_OFFICER, PRACTITIONER

QUEUE = "/v1/claims?everyone=true&needs_attention=true"


async def claim_for(world: FundingWorld, *, approved: bool) -> tuple[str, str, AttendanceRecorded]:
    """Return a claim, its entitlement, and the attendance behind it."""
    event = attendance_recorded(CARER, 180, await world.plan_assembly(100_000))
    await world.handle(event)
    rows = await world.rows("SELECT id FROM entitlements WHERE registration_id = :id", id=event.registration_id)
    claim = await world.submitted_claim(CARER, str(rows[0]["id"]))
    if approved:
        await world.approve(claim)
    return claim, str(rows[0]["id"]), event


async def queue(world: FundingWorld, path: str = QUEUE) -> list[str]:
    return [claim["id"] for claim in (await world.json(APPROVER, "GET", path))["items"]]


async def read(world: FundingWorld, claim: str) -> tuple[str, str]:
    """Return what the person reads, the same in the list and alone, and what the staff read."""
    own = await world.get_claim(claim)
    (summary,) = [row for row in (await world.json(CARER, "GET", "/v1/claims"))["items"] if row["id"] == claim]
    assert (summary["what_next"], summary["needs_attention"]) == (own["what_next"], own["needs_attention"])
    assert (own["attention"], summary["attention"]) == (None, None)
    return own["what_next"], (await world.get_claim(claim, APPROVER))["attention"]


async def resolve(world: FundingWorld, entitlement: str, resolution: str) -> None:
    await world.json(FUNDING_OFFICER, "POST", f"/v1/entitlements/{entitlement}/resolve", {"resolution": resolution})


@pytest.mark.parametrize("approved", [False, True])
async def test_a_claim_in_question_or_withdrawn_says_so_and_waits_for_staff(
    world: FundingWorld, *, approved: bool
) -> None:
    claim, entitlement, event = await claim_for(world, approved=approved)
    assert await queue(world) == []
    await world.handle(event.model_copy(update={"attended": False}), sequence=2)
    person_reads, staff_read = await read(world, claim)
    assert ("A funding officer decides" in person_reads, "will be paid" in person_reads) == (True, False)
    assert (f"/v1/entitlements/{entitlement}/resolve" in staff_read, await queue(world)) == (True, [claim])
    await resolve(world, entitlement, "corrected")
    person_reads, staff_read = await read(world, claim)
    assert ("Not paid as it is" in person_reads, "An approver returns or refuses it" in staff_read) == (True, True)
    assert await queue(world) == [claim]
    returned = {"decision": "returned", "reason": "The attendance was corrected."}
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", returned)
    person_reads, staff_read = await read(world, claim)
    assert ("nothing can be claimed for this meeting" in person_reads, staff_read, await queue(world)) == (
        True,
        None,
        [],
    )


async def test_a_question_that_is_answered_needs_nobody_any_more(world: FundingWorld) -> None:
    claim, entitlement, event = await claim_for(world, approved=True)
    await world.handle(event.model_copy(update={"attended": False}), sequence=2)
    await resolve(world, entitlement, "stands")
    person_reads, staff_read = await read(world, claim)
    assert (person_reads.startswith("Approved. You will be paid by"), staff_read) == (True, None)
    assert await queue(world) == []


async def test_claims_beyond_a_corrected_entitlement_wait_and_those_for_other_costs_do_not(
    world: FundingWorld,
) -> None:
    claim, entitlement, event = await claim_for(world, approved=True)
    bus = await world.submitted_claim(CARER, entitlement, line("travel", 700, "Taxi"))
    await world.handle(event.model_copy(update={"minutes": 60}), sequence=2)
    assert set(await queue(world)) == {claim, bus}
    await resolve(world, entitlement, "corrected")
    person_reads, staff_read = await read(world, claim)
    assert ("lower the involvement payment" in person_reads, "returns it" in staff_read) == (True, True)
    assert await queue(world) == [claim]
    assert await queue(world, "/v1/claims?everyone=true&needs_attention=false") == [bus]
    assert (await world.get_claim(bus))["what_next"].startswith("Nothing to do. You will be paid by")


@pytest.mark.parametrize("approved", [False, True])
async def test_a_promise_that_has_passed_is_not_promised_any_more(
    world: FundingWorld, monkeypatch: pytest.MonkeyPatch, *, approved: bool
) -> None:
    claim, _, _ = await claim_for(world, approved=approved)
    promised_on = date.fromisoformat((await world.get_claim(claim))["promised_on"])
    monkeypatch.setattr(clock, "today", lambda: promised_on)
    assert ("You will be paid by" in (await read(world, claim))[0], await queue(world)) == (True, [])
    monkeypatch.setattr(clock, "today", lambda: promised_on + timedelta(days=1))
    person_reads, staff_read = await read(world, claim)
    assert ("which we had promised" in person_reads, "will be paid" in person_reads) == (True, False)
    assert ("It was to be paid by" in staff_read, await queue(world)) == (True, [claim])
    if approved:
        await world.post_bank_message(await world.released_run(claim))
        assert ((await world.get_claim(claim))["status"], await queue(world)) == ("paid", [])


async def test_a_list_takes_as_many_statements_for_many_claims_as_for_few(world: FundingWorld) -> None:
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    engine_events.listen(world.database.engine.sync_engine, "before_cursor_execute", count)
    counts: list[int] = []
    for _ in range(2):
        await world.approved_claim(PRACTITIONER)
        await claim_for(world, approved=True)
        statements.clear()
        assert await queue(world, "/v1/claims?everyone=true")
        counts.append(len(statements))
    engine_events.remove(world.database.engine.sync_engine, "before_cursor_execute", count)
    assert counts[0] == counts[1]


async def test_only_staff_read_what_staff_have_to_do(world: FundingWorld) -> None:
    claim, _, event = await claim_for(world, approved=False)
    await world.handle(event.model_copy(update={"attended": False}), sequence=2)
    assert (await world.json(CARER, "GET", "/v1/claims?needs_attention=true"))["items"][0]["attention"] is None
    assert (await world.get_claim(claim, FINANCE))["attention"]
