import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.funding.world import FundingWorld, money
from tests.support.callers import CARER, FINANCE, FUNDING_OFFICER, NOBODY

NEW = {"code": "learning", "name": "Learning", "purpose": "Learning in ten minutes", "cap": money(50_000_00)}


async def test_a_funding_officer_adds_a_scheme_and_the_ledger_follows(world: FundingWorld) -> None:
    created = await world.call(FUNDING_OFFICER, "POST", "/v1/schemes", NEW)
    assert created.status_code == 201
    assert created.headers["Location"] == f"/v1/schemes/{created.json()['id']}"
    schemes = await world.json(NOBODY, "GET", "/v1/schemes")
    assert [row["code"] for row in schemes["items"]] == ["learning", "participation"]
    proof = await world.get_proof()
    assert proof["agrees"]
    assert {
        "name": "scheme:learning:available",
        "ledger": {"pence": 5_000_000, "currency": "GBP"},
        "books": {"pence": 5_000_000, "currency": "GBP"},
        "agrees": True,
    } in (proof["reconciliation"])


async def test_a_scheme_may_have_the_longest_name_there_is(world: FundingWorld) -> None:
    created = await world.json(FUNDING_OFFICER, "POST", "/v1/schemes", NEW | {"name": "n" * 200})
    assert created["name"] == "n" * 200
    accounts = (await world.json(FINANCE, "GET", "/v1/ledger/accounts"))["items"]
    assert {"n" * 180 + ": available", "n" * 180 + ": reserved"} <= {account["name"] for account in accounts}


async def test_nobody_else_creates_schemes(world: FundingWorld) -> None:
    for caller, status in ((CARER, 403), (FINANCE, 403), (NOBODY, 401)):
        assert (await world.call(caller, "POST", "/v1/schemes", NEW)).status_code == status


async def test_a_code_is_used_once(world: FundingWorld) -> None:
    response = await world.call(FUNDING_OFFICER, "POST", "/v1/schemes", NEW | {"code": "participation"})
    assert (response.status_code, response.json()["title"]) == (409, "Another scheme has this code")


async def test_schemes_together_never_exceed_the_award(world: FundingWorld) -> None:
    response = await world.call(FUNDING_OFFICER, "POST", "/v1/schemes", NEW | {"cap": money(1_290_000_001)})
    assert response.json()["title"] == "The programme does not have that much left"
    assert (await world.json(FUNDING_OFFICER, "POST", "/v1/schemes", NEW | {"cap": money(1_290_000_000)}))["cap"]


async def test_a_cap_changes_only_with_if_match_and_not_below_what_is_committed(world: FundingWorld) -> None:
    await world.plan_assembly(100_000)
    path = f"/v1/schemes/{(await world.scheme())['id']}"
    change = {"cap": money(100_000)}
    assert (await world.call(FUNDING_OFFICER, "PATCH", path, change)).status_code == 428
    assert (await world.call(FUNDING_OFFICER, "PATCH", path, change, **{"If-Match": "*"})).status_code == 428
    assert (await world.call(FUNDING_OFFICER, "PATCH", path, change, **{"If-Match": '"1"'})).status_code == 412
    tag = (await world.call(FINANCE, "GET", path)).headers["ETag"]
    lowered = await world.call(FUNDING_OFFICER, "PATCH", path, change, **{"If-Match": tag})
    assert lowered.json()["available"] == money(0)
    below = await world.call(
        FUNDING_OFFICER, "PATCH", path, {"cap": money(99_999)}, **{"If-Match": lowered.headers["ETag"]}
    )
    assert below.json()["title"] == "More than this is already committed"
    assert (await world.get_proof())["agrees"]


@pytest.mark.parametrize("field", ["name", "purpose", "cap", "promise_working_days"])
async def test_what_a_scheme_always_has_cannot_be_removed(world: FundingWorld, field: str) -> None:
    path = f"/v1/schemes/{(await world.scheme())['id']}"
    tag = await world.etag(FUNDING_OFFICER, path)
    response = await world.call(FUNDING_OFFICER, "PATCH", path, {field: None}, **{"If-Match": tag})
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [f"/{field}"]


@pytest.mark.parametrize(
    "change",
    [
        "reserved_pence = cap_pence + 1",
        "reserved_pence = -1",
        "approved_pence = 10, paid_pence = 11",
        "cap_pence = 10, approved_pence = 11",
    ],
)
async def test_the_database_refuses_a_scheme_that_promises_more_than_it_has(world: FundingWorld, change: str) -> None:
    with pytest.raises(IntegrityError):
        async with world.database.engine.begin() as connection:
            await connection.execute(text(f"UPDATE schemes SET {change}"))  # noqa: S608  of the list above
