"""Claims beyond their assembly's reservation, and the officer's word that they need."""

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.callers import Caller, Role, person
from shared.persistence.tables import new_id
from tests.funding.world import FundingWorld, line, money
from tests.support.callers import (
    ADMINISTRATOR,
    APPROVER,
    CARER,
    ENGAGEMENT_OFFICER,
    FINANCE,
    FUNDING_OFFICER,
    NOBODY,
    PRACTITIONER,
)

CAP = 210_000_000
MORE = {"amount": money(4_000), "reason": "More people needed a sitter than was planned."}


async def claim_beyond_the_reservation(world: FundingWorld, reserved_pence: int = 1_000) -> tuple[str, str]:
    """Return a claim of 5,000 pence on an assembly with less, and the path of its reservation."""
    assembly = await world.plan_assembly(reserved_pence)
    claim = await world.submitted_claim(CARER, await world.attend(CARER, assembly=assembly), line("travel", 5_000))
    needed = (await world.get_claim(claim, APPROVER))["needed_extension"]
    return claim, f"/v1/reservations/{needed['reservation_id']}"


async def extend(
    world: FundingWorld, path: str, body: dict[str, Any] = MORE, by: Caller = FUNDING_OFFICER
) -> httpx.Response:
    return await world.call(by, "POST", f"{path}/extend", body)


async def approve(world: FundingWorld, claim: str) -> httpx.Response:
    return await world.call(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})


async def test_a_claim_beyond_the_reservation_is_approved_only_after_an_officers_word(world: FundingWorld) -> None:
    claim, path = await claim_beyond_the_reservation(world)
    own = await world.get_claim(claim)
    assert (own["status"], own["beyond_reservation"], own["needed_extension"]) == ("submitted", True, None)
    assert "the centre has to add money first. It may take longer than" in own["what_next"]
    assert (await world.get_claim(claim, APPROVER))["needed_extension"]["amount"] == money(4_000)
    refused = await approve(world, claim)
    assert (refused.status_code, refused.json()["title"]) == (
        409,
        "This claim is more than the reservation of its meeting has left",
    )
    assert "£40.00 is missing" in refused.json()["detail"]
    assert f"POST {path}/extend" in refused.json()["detail"]
    extended = await extend(world, path)
    assert (extended.status_code, extended.json()["reserved"]) == (200, money(5_000))
    posted = (await world.json(FINANCE, "GET", "/v1/ledger/transactions"))["items"][0]
    assert (posted["kind"], posted["assembly_id"]) == ("reserve", extended.json()["assembly_id"])
    assert (await world.scheme())["reserved_pence"] == 5_000
    assert (await world.get_proof())["agrees"]
    assert (await world.get_claim(claim, APPROVER))["needed_extension"] is None
    approved = await approve(world, claim)
    assert (approved.status_code, approved.json()["beyond_reservation"]) == (201, False)
    assert (await world.scheme())["approved_pence"] == 5_000
    assert (await world.get_proof())["agrees"]


async def test_officers_and_approvers_find_what_waits_for_an_extension(world: FundingWorld) -> None:
    await world.submitted_claim()
    claim, _ = await claim_beyond_the_reservation(world)
    for caller in (FUNDING_OFFICER, APPROVER):
        page = await world.json(caller, "GET", "/v1/claims?everyone=true&beyond_reservation=true")
        assert [row["id"] for row in page["items"]] == [claim]


async def test_every_claim_on_an_assembly_without_a_plan_is_beyond_it(world: FundingWorld) -> None:
    claim = await world.submitted_claim(CARER, await world.attend(CARER, assembly=new_id()), line("travel", 560))
    needed = (await world.get_claim(claim, APPROVER))["needed_extension"]
    assert needed["amount"] == money(560)
    assert (await approve(world, claim)).status_code == 409
    assert (await extend(world, f"/v1/reservations/{needed['reservation_id']}")).status_code == 200
    assert (await approve(world, claim)).status_code == 201
    assert (await world.get_proof())["agrees"]


async def test_a_claim_on_an_assembly_whose_funding_was_refused_waits_for_an_extension(world: FundingWorld) -> None:
    claim, path = await claim_beyond_the_reservation(world, CAP + 1)
    assert (await world.json(FINANCE, "GET", path))["status"] == "refused"
    extended = await extend(world, path, MORE | {"amount": money(5_000)})
    assert (extended.status_code, extended.json()["status"]) == (200, "reserved")
    assert (await approve(world, claim)).status_code == 201
    assert (await world.get_proof())["agrees"]


async def test_nothing_is_added_to_a_refused_assembly_on_which_nothing_is_claimed(world: FundingWorld) -> None:
    await world.plan_assembly(CAP + 1)
    (reservation,) = (await world.json(FINANCE, "GET", "/v1/reservations"))["items"]
    refused = await extend(world, f"/v1/reservations/{reservation['id']}")
    assert (refused.status_code, refused.json()["title"]) == (
        409,
        "Nothing was reserved for this assembly, and nothing is claimed",
    )


async def test_the_cap_of_the_scheme_stays_hard(world: FundingWorld) -> None:
    _, path = await claim_beyond_the_reservation(world)
    await world.plan_assembly(CAP - 1_000 - 3_999)
    refused = await extend(world, path)
    assert (refused.status_code, refused.json()["title"]) == (409, "The scheme does not have so much")
    assert "It has £39.99 left" in refused.json()["detail"]
    assert (await world.scheme())["reserved_pence"] == CAP - 3_999
    assert (await world.get_proof())["agrees"]


async def test_extensions_that_race_for_the_last_money_of_a_scheme_never_both_get_it(world: FundingWorld) -> None:
    assemblies = [await world.plan_assembly(0) for _ in range(4)]
    paths = [f"/v1/reservations/{row['id']}" for row in (await world.json(FINANCE, "GET", "/v1/reservations"))["items"]]
    await world.plan_assembly(CAP - 7_000)
    responses = await asyncio.gather(*(extend(world, path) for path in paths))
    assert len(assemblies) == len(responses)
    assert sorted(response.status_code for response in responses) == [200, 409, 409, 409]
    assert (await world.scheme())["reserved_pence"] == CAP - 3_000
    assert (await world.get_proof())["agrees"]


async def test_an_extension_is_made_once_from_what_was_read_and_with_a_reason(world: FundingWorld) -> None:
    _, path = await claim_beyond_the_reservation(world)
    tag = (await world.call(FUNDING_OFFICER, "GET", path)).headers["ETag"]
    without_key = await world.call(FUNDING_OFFICER, "POST", f"{path}/extend", MORE, key=None, **{"If-Match": tag})
    assert without_key.status_code == 400
    for invalid in ({"amount": money(0)}, {"amount": money(-1)}, {"reason": ""}, {"reason": None}):
        assert (await extend(world, path, MORE | invalid)).status_code == 422
    for _ in range(2):
        response = await world.call(FUNDING_OFFICER, "POST", f"{path}/extend", MORE, key="click", **{"If-Match": tag})
        assert response.status_code == 200
    stale = await world.call(FUNDING_OFFICER, "POST", f"{path}/extend", MORE, **{"If-Match": tag})
    assert stale.status_code == 412
    assert (await world.json(FINANCE, "GET", path))["reserved"] == money(5_000)
    (extension,) = (await world.json(FUNDING_OFFICER, "GET", f"{path}/extensions"))["items"]
    assert (extension["amount"], extension["reason"]) == (MORE["amount"], MORE["reason"])
    assert "a sitter than was planned" not in str(await world.rows("SELECT * FROM audit_entries"))


async def test_nobody_extends_the_reservation_of_a_meeting_that_pays_them(world: FundingWorld) -> None:
    _, path = await claim_beyond_the_reservation(world)
    own = await extend(world, path, by=person(CARER.id, Role.FUNDING_OFFICER))
    assert (own.status_code, own.json()["title"]) == (403, "Someone else must extend this")
    for caller in (CARER, PRACTITIONER, APPROVER, FINANCE, ENGAGEMENT_OFFICER, ADMINISTRATOR):
        assert (await extend(world, path, by=caller)).status_code == 403
    assert (await extend(world, path, by=NOBODY)).status_code == 401
    assert (await world.json(FINANCE, "GET", path))["reserved"] == money(1_000)


async def test_the_database_itself_refuses_an_approval_beyond_the_reservation(world: FundingWorld) -> None:
    await claim_beyond_the_reservation(world)
    async with world.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match="reserved_before_approval"):
            await connection.execute(text("UPDATE claims SET status = 'approved', approved_by = uuidv7()"))
