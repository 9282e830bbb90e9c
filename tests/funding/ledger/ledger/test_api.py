import pytest

from shared.callers import Caller
from tests.funding.world import FundingWorld
from tests.support.callers import ADMINISTRATOR, APPROVER, CARER, FINANCE, FUNDING_OFFICER, NOBODY

PATHS = ["/v1/ledger", "/v1/ledger/accounts", "/v1/ledger/transactions", "/v1/ledger/proof"]


@pytest.mark.parametrize("path", PATHS)
async def test_only_finance_and_funding_officers_see_the_ledger(world: FundingWorld, path: str) -> None:
    for caller in (FINANCE, FUNDING_OFFICER):
        assert (await world.call(caller, "GET", path)).status_code == 200
    for caller, status in ((CARER, 403), (APPROVER, 403), (ADMINISTRATOR, 403), (NOBODY, 401), (Caller(), 401)):
        assert (await world.call(caller, "GET", path)).status_code == status


async def test_accounts_page_by_key_set_with_their_total_debits_and_credits(world: FundingWorld) -> None:
    await world.plan_assembly(12_345)
    sums: dict[str, tuple[int, int]] = {}
    path = "/v1/ledger/accounts?limit=2&count=true"
    while path:
        page = await world.json(FINANCE, "GET", path)
        assert page["total"] == 6
        sums |= {row["code"]: (row["debit"]["pence"], row["credit"]["pence"]) for row in page["items"]}
        path = (page["next"] or "").removeprefix("http://testserver")
    assert sums == {
        "award": (1_500_000_000, 0),
        "bank": (0, 0),
        "payable": (0, 0),
        "unallocated": (210_000_000, 1_500_000_000),
        "scheme:participation:available": (12_345, 210_000_000),
        "scheme:participation:reserved": (0, 12_345),
    }


async def test_transactions_page_by_key_set_newest_first_and_can_be_filtered(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    assembly = (await world.get_claim(claim))["assembly_id"]
    first = await world.json(FINANCE, "GET", "/v1/ledger/transactions?limit=2")
    rest = await world.json(FINANCE, "GET", first["next"].removeprefix("http://testserver"))
    assert [row["kind"] for row in first["items"] + rest["items"]] == ["approve", "reserve", "allocation", "budget"]
    for search in (f"claim_id={claim}", f"assembly_id={assembly}&kind=approve"):
        filtered = await world.json(FINANCE, "GET", f"/v1/ledger/transactions?{search}")
        assert [row["kind"] for row in filtered["items"]] == ["approve"]
    transaction = await world.json(FINANCE, "GET", f"/v1/ledger/transactions/{filtered['items'][0]['id']}")
    assert [
        (entry["account"], entry["debit"]["pence"], entry["credit"]["pence"]) for entry in transaction["entries"]
    ] == [
        ("scheme:participation:reserved", 8_810, 0),
        ("payable", 0, 8_810),
    ]


async def test_a_transaction_that_does_not_exist_is_a_problem(world: FundingWorld) -> None:
    response = await world.call(FINANCE, "GET", "/v1/ledger/transactions/01900000-0000-7000-8000-000000000099")
    assert response.status_code == 404
    assert response.json()["title"] == "There is no such ledger transaction"
