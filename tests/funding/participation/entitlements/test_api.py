from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from tests.funding.world import FundingWorld, attendance_recorded, line, money
from tests.support.callers import APPROVER, CARER, FINANCE, FUNDING_OFFICER, NOBODY, PRACTITIONER, SECOND_FINANCE


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
    again = await world.call(FUNDING_OFFICER, "POST", resolve, {"resolution": "corrected"})
    assert again.json()["title"] == "This entitlement is not in question"


async def test_a_withdrawn_entitlement_lets_its_claim_be_refused_but_never_approved(world: FundingWorld) -> None:
    entitlement, claim = await in_question(world)
    await world.json(FUNDING_OFFICER, "POST", f"/v1/entitlements/{entitlement}/resolve", {"resolution": "corrected"})
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
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    corrected = {"resolution": "corrected"}
    await world.json(FUNDING_OFFICER, "POST", f"/v1/entitlements/{row['id']}/resolve", corrected)
    assert (await world.json(APPROVER, "POST", decisions, refusal))["status"] == "refused"
    scheme = await world.scheme()
    assert (scheme["approved_pence"], scheme["reserved_pence"]) == (0, 50_000)
    proof = await world.get_proof()
    assert proof["agrees"]
    assert next(row for row in proof["accounts"] if row["code"] == "payable")["balance"]["pence"] == 0


async def test_withdrawn_is_no_resolution_any_more(world: FundingWorld) -> None:
    entitlement, _ = await in_question(world)
    resolve = f"/v1/entitlements/{entitlement}/resolve"
    refused = await world.call(FUNDING_OFFICER, "POST", resolve, {"resolution": "withdrawn"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/resolution")


async def test_a_person_reads_what_became_of_a_corrected_entitlement(world: FundingWorld) -> None:
    entitlement, _ = await in_question(world)
    path = f"/v1/entitlements/{entitlement}"
    view = await world.json(CARER, "GET", path)
    assert (view["attendance"], view["amount"], view["claimed"]) == (None, money(8_250), money(8_250))
    assert "says that you did not take part. A funding officer decides" in view["explanation"]
    assert "nothing more of it is paid before that. Ask the centre if the correction is wrong." in view["explanation"]
    await world.json(FUNDING_OFFICER, "POST", f"{path}/resolve", {"resolution": "corrected"})
    assert "nothing can be claimed" in (await world.json(CARER, "GET", path))["explanation"]


async def test_a_correction_of_a_correction_gives_the_entitlement_back(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements")
    claim, path = await world.submitted_claim(CARER, str(row["id"])), f"/v1/entitlements/{row['id']}"
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    await world.json(FUNDING_OFFICER, "POST", f"{path}/resolve", {"resolution": "corrected"})
    await world.handle(recorded, sequence=3)
    view = await world.json(CARER, "GET", path)
    assert (view["status"], view["in_question"], view["explanation"]) == ("granted", False, None)
    assert isinstance((await world.events())[-1], EntitlementGranted)
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
    assert (await world.post_bank_message(await world.released_run(claim))).json()["paid"] == 1
    assert (await world.get_proof())["agrees"]


async def test_after_a_refusal_a_correction_back_can_be_claimed_anew(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements")
    claim = await world.submitted_claim(CARER, str(row["id"]))
    await world.handle(recorded.model_copy(update={"attended": False}), sequence=2)
    refusal = {"decision": "refused", "reason": "You were not there."}
    await world.json(APPROVER, "POST", f"/v1/claims/{claim}/decisions", refusal)
    view = await world.json(CARER, "GET", f"/v1/entitlements/{row['id']}")
    assert (view["status"], view["in_question"]) == ("withdrawn", False)
    assert isinstance((await world.events())[-1], EntitlementWithdrawn)
    await world.handle(recorded, sequence=3)
    await world.submitted_claim(CARER, str(row["id"]))
    assert (await world.get_proof())["agrees"]


async def test_a_claim_for_more_than_the_corrected_entitlement_is_given_back_and_paid_once_lowered(
    world: FundingWorld,
) -> None:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements")
    claim, path = await world.submitted_claim(CARER, str(row["id"])), f"/v1/entitlements/{row['id']}"
    decisions = f"/v1/claims/{claim}/decisions"
    await world.json(APPROVER, "POST", decisions, {"decision": "approved"})
    run = (await world.json(FINANCE, "POST", "/v1/payment-runs", {"claims": [claim]}))["id"]
    await world.handle(recorded.model_copy(update={"minutes": 60}), sequence=2)
    await world.json(FUNDING_OFFICER, "POST", f"{path}/resolve", {"resolution": "corrected"})
    view = await world.json(CARER, "GET", path)
    assert (view["amount"], view["remaining"], view["overpaid"]) == (money(2_750), money(0), money(0))
    assert "Claims ask for £82.50, and the entitlement says £27.50" in view["explanation"]
    for method, at in (("POST", "/v1/payment-runs"), ("POST", f"/v1/payment-runs/{run}/release")):
        assert (await world.call(SECOND_FINANCE, method, at, {"claims": [claim]})).status_code == 409
    await world.json(APPROVER, "POST", decisions, {"decision": "returned", "reason": "It was one hour."})
    assert (await world.json(FINANCE, "GET", f"/v1/payment-runs/{run}"))["status"] == "cancelled"
    draft = await world.call(CARER, "GET", f"/v1/claims/{claim}")
    lower = {"lines": [line("involvement_payment", 2_750), line("travel", 560)]}
    await world.json(CARER, "PATCH", f"/v1/claims/{claim}", lower, **{"If-Match": draft.headers["etag"]})
    await world.json(CARER, "POST", f"/v1/claims/{claim}/submit")
    await world.json(APPROVER, "POST", decisions, {"decision": "approved"})
    assert (await world.post_bank_message(await world.released_run(claim))).json()["paid"] == 1
    view = await world.json(CARER, "GET", path)
    assert (view["paid"], view["overpaid"], view["explanation"]) == (money(2_750), money(0), None)
    assert (await world.get_proof())["agrees"]


async def test_a_claim_for_more_than_the_corrected_entitlement_is_not_approved(world: FundingWorld) -> None:
    recorded = attendance_recorded(CARER, 180, await world.plan_assembly(50_000))
    await world.handle(recorded)
    (row,) = await world.rows("SELECT id FROM entitlements")
    claim = await world.submitted_claim(CARER, str(row["id"]))
    await world.handle(recorded.model_copy(update={"minutes": 60}), sequence=2)
    await world.json(FUNDING_OFFICER, "POST", f"/v1/entitlements/{row['id']}/resolve", {"resolution": "corrected"})
    refused = await world.call(APPROVER, "POST", f"/v1/claims/{claim}/decisions", {"decision": "approved"})
    assert (refused.status_code, refused.json()["title"]) == (
        409,
        "The claims ask for more than the entitlement says",
    )
