from tests.funding.world import FundingWorld, line, money
from tests.support.callers import APPROVER, CARER, ENGAGEMENT_OFFICER, FINANCE, FUNDING_OFFICER, NOBODY, PRACTITIONER


async def test_what_an_assembly_did_not_need_goes_back_to_its_scheme(world: FundingWorld) -> None:
    assembly = await world.plan_assembly(50_000)
    entitlement = await world.attend(CARER, 60, assembly)
    await world.submitted_claim(CARER, entitlement, line("travel", 1_000))
    (reservation,) = (await world.json(ENGAGEMENT_OFFICER, "GET", f"/v1/reservations?assembly_id={assembly}"))["items"]
    assert (reservation["reserved"], reservation["held"], reservation["status"]) == (
        money(50_000),
        money(1_000),
        "reserved",
    )
    path = f"/v1/reservations/{reservation['id']}/release"
    assert (await world.call(FUNDING_OFFICER, "POST", path, key=None)).status_code == 400
    for caller, status in ((CARER, 403), (FINANCE, 403), (APPROVER, 403), (NOBODY, 401)):
        assert (await world.call(caller, "POST", path)).status_code == status
    released = await world.json(FUNDING_OFFICER, "POST", path)
    assert (released["reserved"], released["status"]) == (money(1_000), "released")
    assert (await world.scheme())["reserved_pence"] == 1_000
    again = await world.call(FUNDING_OFFICER, "POST", path)
    assert (again.status_code, again.json()["title"]) == (409, "This reservation has nothing to release")
    assert (await world.get_proof())["agrees"]


async def test_a_claim_after_the_release_waits_until_the_reservation_is_extended(world: FundingWorld) -> None:
    assembly = await world.plan_assembly(50_000)
    (reservation,) = (await world.json(FINANCE, "GET", "/v1/reservations?status=reserved"))["items"]
    await world.json(FUNDING_OFFICER, "POST", f"/v1/reservations/{reservation['id']}/release")
    entitlement = await world.attend(PRACTITIONER, 60, assembly)
    claim = await world.submitted_claim(PRACTITIONER, entitlement, line("travel", 700))
    after_claim = await world.json(FINANCE, "GET", f"/v1/reservations/{reservation['id']}")
    assert (after_claim["reserved"], after_claim["held"]) == (money(0), money(0))
    assert (await world.get_claim(claim, APPROVER))["needed_extension"] == {
        "reservation_id": reservation["id"],
        "amount": money(700),
    }
    assert (await world.get_proof())["agrees"]


async def test_people_do_not_see_what_others_cost(world: FundingWorld) -> None:
    assert (await world.call(CARER, "GET", "/v1/reservations")).status_code == 403
