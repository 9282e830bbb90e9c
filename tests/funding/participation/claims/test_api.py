import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from services.funding.participation.entitlements.handlers import grant_entitlement_for_attendance
from shared.callers import Caller, Role, person
from shared.events.contracts.funding import ClaimSubmitted
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, attendance_recorded, line, money
from tests.support.callers import ADMINISTRATOR, APPROVER, CARER, FINANCE, FUNDING_OFFICER, NOBODY, PRACTITIONER

APPROVED = {"decision": "approved"}


async def test_only_its_writer_sees_a_draft(world: FundingWorld) -> None:
    claim = await world.draft_claim()
    for caller in (PRACTITIONER, APPROVER, FINANCE, FUNDING_OFFICER, ADMINISTRATOR):
        assert (await world.call(caller, "GET", f"/v1/claims/{claim}")).status_code == 404
    assert (await world.call(NOBODY, "GET", f"/v1/claims/{claim}")).status_code == 401
    everyone = await world.json(APPROVER, "GET", "/v1/claims?everyone=true")
    assert everyone["items"] == []
    assert [row["id"] for row in (await world.json(CARER, "GET", "/v1/claims"))["items"]] == [claim]


async def test_a_draft_changes_with_if_match_and_a_submitted_claim_does_not(world: FundingWorld) -> None:
    await world.add_bank_details(CARER)
    claim = await world.draft_claim()
    path, change = f"/v1/claims/{claim}", {"lines": [line("travel", 700)]}
    tag = (await world.call(CARER, "GET", path)).headers["ETag"]
    assert (await world.call(CARER, "PATCH", path, change)).status_code == 428
    changed = await world.call(CARER, "PATCH", path, change, **{"If-Match": tag})
    assert (changed.status_code, changed.json()["total"]) == (200, money(700))
    assert (await world.call(CARER, "PATCH", path, change, **{"If-Match": tag})).status_code == 412
    other = await world.call(PRACTITIONER, "PATCH", path, change, **{"If-Match": changed.headers["ETag"]})
    assert other.status_code == 404
    submitted = await world.call(CARER, "POST", f"{path}/submit")
    late = await world.call(CARER, "PATCH", path, change, **{"If-Match": submitted.headers["ETag"]})
    assert (late.status_code, late.json()["title"]) == (409, "This claim has been submitted already")
    gone = await world.call(CARER, "DELETE", path, **{"If-Match": submitted.headers["ETag"]})
    assert gone.status_code == 409


async def test_a_draft_can_be_deleted(world: FundingWorld) -> None:
    claim = await world.draft_claim()
    assert (await world.call(CARER, "DELETE", f"/v1/claims/{claim}", **{"If-Match": "*"})).status_code == 204
    for method in ("GET", "DELETE"):
        gone = await world.call(CARER, method, f"/v1/claims/{claim}", **{"If-Match": "*"})
        assert (gone.status_code, gone.json()["tombstone"].keys()) == (410, {"id", "removed_at"})
        assert gone.json()["tombstone"]["removed_at"].endswith("Z")
    for stranger in (PRACTITIONER, APPROVER):
        assert (await world.call(stranger, "GET", f"/v1/claims/{claim}")).status_code == 404
    assert await world.rows("SELECT id FROM claim_lines") == []


async def test_nobody_claims_on_anothers_entitlement(world: FundingWorld) -> None:
    entitlement = await world.attend(CARER)
    for caller in (PRACTITIONER, FUNDING_OFFICER):
        response = await world.call(caller, "POST", "/v1/claims", {"entitlement_id": entitlement})
        assert response.status_code == 404


@pytest.mark.parametrize(
    "invalid",
    [
        line("travel", 0),
        line("travel", 1_000_001),
        line("travel", -5),
        line("holiday", 5),
        line("travel", 5, "x" * 501),
        line("travel", 5) | {"amount": {"pence": 5.5, "currency": "GBP"}},
        line("travel", 5) | {"amount": {"pence": 5, "currency": "EUR"}},
        line("travel", 5) | {"receipt": "x"},
    ],
    ids=range(8),
)
async def test_a_cost_that_cannot_be_is_refused_by_field(world: FundingWorld, invalid: dict[str, Any]) -> None:
    body = {"entitlement_id": await world.attend(), "lines": [line("travel", 5), invalid]}
    response = await world.call(CARER, "POST", "/v1/claims", body)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"].startswith("/lines/1")


async def test_a_submitted_claim_has_a_promised_date_and_is_published(world: FundingWorld) -> None:
    claim = await world.submitted_claim()
    details = await world.get_claim(claim)
    assert details["promised_on"] > details["created_at"][:10]
    assert details["what_next"].startswith("Nothing to do. You will be paid by")
    event = (await world.events())[-1]
    assert isinstance(event, ClaimSubmitted)
    assert (str(event.claim_id), str(event.assembly_id), event.pence) == (claim, details["assembly_id"], 8_810)
    assert event.promised_on.isoformat() == details["promised_on"]


async def test_without_bank_details_a_claim_says_what_to_do_first(world: FundingWorld) -> None:
    claim = await world.draft_claim()
    response = await world.call(CARER, "POST", f"/v1/claims/{claim}/submit")
    assert (response.status_code, response.json()["title"]) == (409, "Your bank details are missing")
    assert "POST /v1/payees" in response.json()["detail"]


async def test_a_double_click_on_submit_submits_once(world: FundingWorld) -> None:
    await world.add_bank_details(CARER)
    path = f"/v1/claims/{await world.draft_claim()}/submit"
    assert (await world.call(CARER, "POST", path, key=None)).status_code == 400
    tag = await world.etag(CARER, path.removesuffix("/submit"))
    responses = await asyncio.gather(*(world.call(CARER, "POST", path, key="click", match=tag) for _ in range(4)))
    assert {response.status_code for response in responses} <= {200, 409}
    assert sum(response.status_code == 200 for response in responses) >= 1
    again = await world.call(CARER, "POST", path, key="click", match=tag)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = await world.call(CARER, "POST", path, key="another")
    assert other.json()["title"] == "This claim has been submitted already"
    assert sum(isinstance(event, ClaimSubmitted) for event in await world.events()) == 1
    assert (await world.rows("SELECT held_pence FROM reservations"))[0]["held_pence"] == 8_810


async def test_two_submissions_at_once_with_keys_of_their_own_submit_once(world: FundingWorld) -> None:
    await world.add_bank_details(CARER)
    path = f"/v1/claims/{await world.draft_claim()}/submit"
    tag = await world.etag(CARER, path.removesuffix("/submit"))
    responses = await asyncio.gather(*(world.call(CARER, "POST", path, match=tag) for _ in range(4)))
    assert sorted(response.status_code for response in responses) == [200, 412, 412, 412]
    assert (await world.get_proof())["agrees"]


async def test_involvement_payments_never_exceed_the_entitlement_over_several_claims(world: FundingWorld) -> None:
    entitlement = await world.attend(CARER, 180)
    await world.submitted_claim(CARER, entitlement, line("involvement_payment", 5_000))
    second = await world.draft_claim(CARER, entitlement, line("involvement_payment", 3_251), line("travel", 10_000))
    response = await world.call(CARER, "POST", f"/v1/claims/{second}/submit")
    assert (response.status_code, response.json()["title"]) == (
        409,
        "This is more than the involvement payment for that day",
    )
    assert "£32.50 left" in response.json()["detail"]


async def test_claims_that_race_for_the_last_money_of_a_reservation_never_both_get_it(world: FundingWorld) -> None:
    assembly = await world.plan_assembly(10_000)
    claims = [await draft_claim_of_somebody(world, assembly, 6_000) for _ in range(4)]
    responses = await asyncio.gather(
        *(world.call(claimant, "POST", f"/v1/claims/{claim}/submit") for claimant, claim in claims)
    )
    assert [response.status_code for response in responses] == [200] * 4
    assert sorted(response.json()["beyond_reservation"] for response in responses) == [False, True, True, True]
    decisions = await asyncio.gather(
        *(world.call(APPROVER, "POST", f"/v1/claims/{claim}/decisions", APPROVED) for _, claim in claims)
    )
    assert sorted(response.status_code for response in decisions) == [201, 409, 409, 409]
    assert (await world.get_proof())["agrees"]


async def test_more_than_reservation_and_scheme_have_is_not_submitted(world: FundingWorld) -> None:
    assembly = await world.plan_assembly(1_000)
    claimant, claim = await draft_claim_of_somebody(world, assembly, 6_000)
    await world.plan_assembly(210_000_000 - 1_000 - 4_999)
    refused = await world.call(claimant, "POST", f"/v1/claims/{claim}/submit")
    assert (refused.status_code, refused.json()["title"]) == (
        409,
        "The scheme does not have enough money for this claim",
    )


async def draft_claim_of_somebody(world: FundingWorld, assembly: UUID, pence: int) -> tuple[Caller, str]:
    """Draft a claim of a new person who took part in this assembly."""
    claimant = person(new_id())
    await world.add_bank_details(claimant)
    entitlement = await world.attend(claimant, 60, assembly)
    return claimant, await world.draft_claim(claimant, entitlement, line("backfill", pence))


async def test_an_attendance_that_is_being_handled_does_not_block_a_submission(world: FundingWorld) -> None:
    await world.add_bank_details(CARER)
    claim = await world.draft_claim()
    async with world.database.transaction() as uow:
        await grant_entitlement_for_attendance(attendance_recorded(PRACTITIONER, 60, new_id()), uow)
        await uow.flush_events()
        async with asyncio.timeout(10):
            await world.json(CARER, "POST", f"/v1/claims/{claim}/submit")


async def test_only_an_approver_decides_and_never_on_their_own_claim(world: FundingWorld) -> None:
    claim = await world.submitted_claim()
    path = f"/v1/claims/{claim}/decisions"
    for caller, status in ((CARER, 403), (FINANCE, 403), (FUNDING_OFFICER, 403), (ADMINISTRATOR, 403), (NOBODY, 401)):
        assert (await world.call(caller, "POST", path, APPROVED)).status_code == status
    both = person(CARER.id, Role.APPROVER)
    own = await world.call(both, "POST", path, APPROVED)
    assert (own.status_code, own.json()["title"]) == (403, "Someone else must decide this")
    assert (await world.call(APPROVER, "POST", path, APPROVED, key=None)).status_code == 400
    assert (await world.json(APPROVER, "POST", path, APPROVED))["status"] == "approved"


async def test_the_database_itself_refuses_an_approval_of_ones_own_claim(world: FundingWorld) -> None:
    await world.submitted_claim()
    async with world.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match="someone_else_approves"):
            await connection.execute(text("UPDATE claims SET approved_by = person_id"))


async def test_whoever_recorded_or_corrected_an_attendance_does_not_decide_on_its_claim(world: FundingWorld) -> None:
    recorder, corrector = (person(new_id(), Role.APPROVER, Role.ENGAGEMENT_OFFICER) for _ in range(2))
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000), recorded_by=recorder.id)
    await world.handle(recorded)
    corrections = ({"attended": False, "recorded_by": corrector.id}, {"attended": True})
    for sequence, correction in enumerate(corrections, start=2):
        await world.handle(recorded.model_copy(update=correction), sequence=sequence)
    (row,) = await world.rows("SELECT id FROM entitlements")
    claim = await world.submitted_claim(CARER, str(row["id"]))
    path = f"/v1/claims/{claim}/decisions"
    for caller in (recorder, corrector):
        for decision in (APPROVED, {"decision": "refused", "reason": "You were not there."}):
            refused = await world.call(caller, "POST", path, decision)
            assert (refused.status_code, refused.json()["title"]) == (403, "Someone else must decide this")
            assert "You recorded or corrected the attendance" in refused.json()["detail"]
    assert (await world.json(APPROVER, "POST", path, APPROVED))["status"] == "approved"
    (approved,) = await world.rows("SELECT attendance_recorded_by FROM claims")
    assert set(approved["attendance_recorded_by"]) == {recorder.id, corrector.id}


async def test_the_database_itself_refuses_an_approval_by_who_recorded_the_attendance(world: FundingWorld) -> None:
    await world.approved_claim()
    async with world.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match="recorder_does_not_approve"):
            await connection.execute(text("UPDATE claims SET attendance_recorded_by = ARRAY[person_id, approved_by]"))


async def test_a_claim_is_refused_or_returned_with_a_reason_that_its_person_can_read(world: FundingWorld) -> None:
    claim = await world.submitted_claim()
    path = f"/v1/claims/{claim}/decisions"
    without = await world.call(APPROVER, "POST", path, {"decision": "returned"})
    assert (without.status_code, without.json()["title"]) == (422, "A reason is needed")
    assert [error["pointer"] for error in without.json()["errors"]] == ["/reason"]
    await world.json(APPROVER, "POST", path, {"decision": "returned", "reason": "Which bus was it?"})
    details = await world.get_claim(claim)
    assert [(step["step"], step["reason"]) for step in details["history"]] == [
        ("submitted", None),
        ("returned", "Which bus was it?"),
    ]
    await world.json(CARER, "POST", f"/v1/claims/{claim}/submit")
    await world.json(APPROVER, "POST", path, {"decision": "refused", "reason": "It was paid by the council."})
    assert (await world.get_claim(claim))["status"] == "refused"
    assert "council" not in str(await world.get_claim(claim, FINANCE))
    assert (await world.get_proof())["agrees"]


async def test_nobody_approves_a_sum_that_they_have_not_seen(world: FundingWorld) -> None:
    claim = await world.submitted_claim()
    path = f"/v1/claims/{claim}"
    read = (await world.call(APPROVER, "GET", path)).headers["etag"]
    await world.json(APPROVER, "POST", f"{path}/decisions", {"decision": "returned", "reason": "The bus is missing."})
    draft = await world.call(CARER, "GET", path)
    more = {"lines": [line("involvement_payment", 8_250), line("travel", 1_420)]}
    await world.json(CARER, "PATCH", path, more, **{"If-Match": draft.headers["etag"]})
    await world.json(CARER, "POST", f"{path}/submit")
    unseen = await world.call(APPROVER, "POST", f"{path}/decisions", APPROVED, match=None)
    stale = await world.call(APPROVER, "POST", f"{path}/decisions", APPROVED, match=read)
    assert (unseen.status_code, stale.status_code) == (428, 412)
    assert (await world.get_claim(claim))["status"] == "submitted"
    current = (await world.call(APPROVER, "GET", path)).headers["etag"]
    await world.json(APPROVER, "POST", f"{path}/decisions", APPROVED, match=current)
    assert (await world.get_claim(claim))["status"] == "approved"


async def test_two_approvers_at_once_decide_once(world: FundingWorld) -> None:
    claim = await world.submitted_claim()
    approvers = [person(new_id(), Role.APPROVER) for _ in range(3)]
    path, tag = f"/v1/claims/{claim}/decisions", await world.etag(APPROVER, f"/v1/claims/{claim}")
    responses = await asyncio.gather(
        *(world.call(approver, "POST", path, APPROVED, match=tag) for approver in approvers)
    )
    assert sorted(response.status_code for response in responses) == [201, 412, 412]
    assert [response.headers["Location"] for response in responses if response.status_code == 201] == [
        f"/v1/claims/{claim}"
    ]
    assert (await world.get_proof())["agrees"]


async def test_finance_sees_amounts_and_never_what_they_were_for(world: FundingWorld) -> None:
    claim = await world.submitted_claim()
    assert [row["description"] for row in (await world.get_claim(claim, FINANCE))["lines"]] == [None, None]
    assert "Bus 73 to the clinic" in str(await world.get_claim(claim, APPROVER))
    assert (await world.call(PRACTITIONER, "GET", f"/v1/claims/{claim}")).status_code == 404
    assert (await world.call(CARER, "GET", "/v1/claims?everyone=true")).status_code == 403
    waiting = await world.json(APPROVER, "GET", "/v1/claims?everyone=true&status=submitted")
    assert [row["id"] for row in waiting["items"]] == [claim]


async def test_a_command_that_lost_a_deadlock_answers_to_try_again(
    world: FundingWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deadlocked(session: AsyncSession, *_: object) -> None:
        await session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END $$"))

    claim = await world.draft_claim()
    monkeypatch.setattr("services.funding.participation.claims.queries.lock_own_claim", deadlocked)
    response = await world.call(CARER, "POST", f"/v1/claims/{claim}/submit")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "2")
