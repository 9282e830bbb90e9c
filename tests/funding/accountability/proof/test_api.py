from sqlalchemy import text

from tests.funding.world import FundingWorld


async def test_the_proof_holds_from_the_first_day(world: FundingWorld) -> None:
    proof = await world.get_proof()
    assert (proof["balances"], proof["agrees"], proof["total"]) == (True, True, {"pence": 0, "currency": "GBP"})
    assert {row["code"]: row["balance"]["pence"] for row in proof["accounts"]} == {
        "award": 1_500_000_000,
        "bank": 0,
        "payable": 0,
        "unallocated": -1_290_000_000,
        "scheme:participation:available": -210_000_000,
        "scheme:participation:reserved": 0,
    }


async def test_what_is_on_its_way_to_the_bank_is_still_owed(world: FundingWorld) -> None:
    await world.released_run(await world.approved_claim())
    proof = await world.get_proof()
    owed = next(row for row in proof["reconciliation"] if row["name"] == "claims owed")
    assert (proof["agrees"], owed["books"]) == (True, {"pence": 8_810, "currency": "GBP"})


async def test_books_that_were_tampered_with_do_not_agree(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    async with world.database.engine.begin() as connection:
        await connection.execute(text("UPDATE claims SET pence = pence + 1 WHERE id = :claim"), {"claim": claim})
    proof = await world.get_proof()
    assert (proof["balances"], proof["agrees"]) == (True, False)
    assert [row["name"] for row in proof["reconciliation"] if not row["agrees"]] == ["claims owed"]
