from shared.events.contracts.funding import EntitlementWithdrawn
from tests.funding.world import FundingWorld, attendance_recorded, money
from tests.support.callers import APPROVER, CARER, FINANCE, FUNDING_OFFICER, NOBODY, PRACTITIONER


async def in_question(world: FundingWorld) -> tuple[str, str]:
    """An entitlement whose attendance was corrected after a claim, and that claim."""
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements WHERE person_id = :id", id=CARER.id)
    claim = await world.submitted_claim(CARER, str(row["id"]))
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    return str(row["id"]), claim


async def test_i_see_my_own_entitlements_and_nobody_elses(world: FundingWorld) -> None:
    own = await world.attend(CARER, 120)
    other = await world.attend(PRACTITIONER, 60)
    rows = (await world.json(CARER, "GET", "/v1/entitlements"))["items"]
    assert [(row["id"], row["amount"], row["remaining"]) for row in rows] == [(own, money(5_500), money(5_500))]
    assert (await world.call(CARER, "GET", f"/v1/entitlements/{other}")).status_code == 404
    assert (await world.call(FINANCE, "GET", f"/v1/entitlements/{other}")).status_code == 404
    assert (await world.json(FUNDING_OFFICER, "GET", f"/v1/entitlements/{other}"))["id"] == other
    assert (await world.call(NOBODY, "GET", "/v1/entitlements")).status_code == 401


async def test_a_funding_officer_sees_entitlements_that_wait_for_a_decision(world: FundingWorld) -> None:
    await world.attend(PRACTITIONER)
    entitlement, _ = await in_question(world)
    rows = (await world.json(FUNDING_OFFICER, "GET", "/v1/entitlements?in_question=true"))["items"]
    assert [row["id"] for row in rows] == [entitlement]
    assert (await world.call(CARER, "GET", "/v1/entitlements?in_question=true")).status_code == 403


async def test_a_claim_on_an_entitlement_in_question_is_approved_only_once_it_stands(world: FundingWorld) -> None:
    entitlement, claim = await in_question(world)
    decisions = f"/v1/claims/{claim}/decisions"
    response = await world.call(APPROVER, "POST", decisions, {"decision": "approved"})
    assert (response.status_code, response.json()["title"]) == (409, "The attendance of this entitlement was corrected")
    resolve = f"/v1/entitlements/{entitlement}/resolve"
    for caller in (CARER, APPROVER, FINANCE):
        assert (await world.call(caller, "POST", resolve, {"resolution": "stands"})).status_code == 403
    assert not (await world.json(FUNDING_OFFICER, "POST", resolve, {"resolution": "stands"}))["in_question"]
    await world.json(APPROVER, "POST", decisions, {"decision": "approved"})
    again = await world.call(FUNDING_OFFICER, "POST", resolve, {"resolution": "withdrawn"})
    assert again.json()["title"] == "This entitlement is not in question"


async def test_a_withdrawn_entitlement_lets_its_claim_be_refused_but_never_approved(world: FundingWorld) -> None:
    entitlement, claim = await in_question(world)
    await world.json(FUNDING_OFFICER, "POST", f"/v1/entitlements/{entitlement}/resolve", {"resolution": "withdrawn"})
    assert isinstance((await world.events())[-1], EntitlementWithdrawn)
    decisions = f"/v1/claims/{claim}/decisions"
    approved = await world.call(APPROVER, "POST", decisions, {"decision": "approved"})
    assert approved.json()["title"] == "This entitlement was withdrawn"
    reason = {"decision": "refused", "reason": "The attendance was corrected."}
    assert (await world.json(APPROVER, "POST", decisions, reason))["status"] == "refused"
    assert (await world.get_proof())["agrees"]


async def test_an_approved_claim_whose_entitlement_is_withdrawn_is_refused_after_all_and_owed_no_more(
    world: FundingWorld,
) -> None:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements")
    claim = await world.submitted_claim(CARER, str(row["id"]))
    decisions, refusal = f"/v1/claims/{claim}/decisions", {"decision": "refused", "reason": "You were not there."}
    await world.json(APPROVER, "POST", decisions, {"decision": "approved"})
    too_soon = await world.call(APPROVER, "POST", decisions, refusal)
    assert too_soon.json()["title"] == "This claim is not waiting for a decision"
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    withdrawn = {"resolution": "withdrawn"}
    await world.json(FUNDING_OFFICER, "POST", f"/v1/entitlements/{row['id']}/resolve", withdrawn)
    assert (await world.json(APPROVER, "POST", decisions, refusal))["status"] == "refused"
    scheme = await world.scheme()
    assert (scheme["approved_pence"], scheme["reserved_pence"]) == (0, 50_000)
    proof = await world.get_proof()
    assert proof["agrees"]
    assert next(row for row in proof["accounts"] if row["code"] == "payable")["balance"]["pence"] == 0
