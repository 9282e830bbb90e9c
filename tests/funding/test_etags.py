"""Money moves only from the state that whoever moves it has read: no ETag is a 428, an old one a 412."""

from typing import Any

import pytest

from shared.callers import Caller
from tests.funding.world import FundingWorld, attendance_recorded, money
from tests.support.callers import APPROVER, CARER, FINANCE, FUNDING_OFFICER, SECOND_FINANCE

APPROVED, STANDS = {"decision": "approved"}, {"resolution": "stands"}
MORE = {"amount": money(500), "reason": "More people came."}


async def draft_claim(world: FundingWorld) -> str:
    await world.add_bank_details(CARER)
    return f"/v1/claims/{await world.draft_claim()}"


async def submitted_claim(world: FundingWorld) -> str:
    return f"/v1/claims/{await world.submitted_claim()}"


async def entitlement_in_question(world: FundingWorld) -> str:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements")
    await world.submitted_claim(CARER, str(row["id"]))
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    return f"/v1/entitlements/{row['id']}"


async def draft_run(world: FundingWorld) -> str:
    await world.approved_claim()
    return f"/v1/payment-runs/{(await world.json(FINANCE, 'POST', '/v1/payment-runs'))['id']}"


async def reservation(world: FundingWorld) -> str:
    await world.plan_assembly(50_000)
    (row,) = await world.rows("SELECT id FROM reservations")
    return f"/v1/reservations/{row['id']}"


@pytest.mark.parametrize(
    ("prepare", "caller", "verb", "body"),
    [
        (draft_claim, CARER, "submit", None),
        (submitted_claim, APPROVER, "decisions", APPROVED),
        (entitlement_in_question, FUNDING_OFFICER, "resolve", STANDS),
        (draft_run, SECOND_FINANCE, "release", None),
        (draft_run, FINANCE, "cancel", None),
        (reservation, FUNDING_OFFICER, "release", None),
        (reservation, FUNDING_OFFICER, "extend", MORE),
    ],
    ids=["submit", "decide", "resolve", "release a run", "cancel a run", "release a reservation", "extend one"],
)
async def test_a_command_on_money_is_refused_without_the_etag_of_the_current_state(
    world: FundingWorld, prepare: Any, caller: Caller, verb: str, body: Any
) -> None:
    resource: str = await prepare(world)
    before = await world.json(caller, "GET", resource)
    missing = await world.call(caller, "POST", f"{resource}/{verb}", body, match=None)
    unseen = await world.call(caller, "POST", f"{resource}/{verb}", body, match="*")
    stale = await world.call(caller, "POST", f"{resource}/{verb}", body, match='"0"')
    assert (missing.status_code, unseen.status_code, stale.status_code) == (428, 428, 412)
    guesses = ", ".join(f'"{version}"' for version in range(1, 50))
    assert (await world.call(caller, "POST", f"{resource}/{verb}", body, match=guesses)).status_code == 428
    assert await world.json(caller, "GET", resource) == before
    current = await world.etag(caller, resource)
    done = await world.call(caller, "POST", f"{resource}/{verb}", body, match=current)
    assert done.is_success, done.text
    assert done.headers["ETag"] != current
    assert (await world.get_proof())["agrees"]
