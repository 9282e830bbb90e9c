from tests.funding.world import FundingWorld, money
from tests.support.callers import FINANCE, NOBODY


async def test_the_programme_is_fifteen_million_pounds_over_seven_years(world: FundingWorld) -> None:
    response = await world.call(NOBODY, "GET", "/v1/programme")
    assert response.headers["Cache-Control"] == "public, no-cache"
    assert response.headers["Vary"] == "Authorization, X-API-Key"
    programme = response.json()
    assert programme["total"] == money(1_500_000_000)
    assert len(programme["years"]) == 7
    assert sum(year["budget"]["pence"] for year in programme["years"]) == 1_500_000_000
    assert programme["allocated"]["pence"] + programme["unallocated"]["pence"] == 1_500_000_000


async def test_a_year_shows_what_was_paid_in_it_and_not_what_is_merely_owed(world: FundingWorld) -> None:
    async def paid() -> int:
        return sum(year["paid"]["pence"] for year in (await world.json(FINANCE, "GET", "/v1/programme"))["years"])

    run = await world.released_run(await world.approved_claim())
    assert await paid() == 0
    await world.post_bank_message(run)
    assert await paid() == 8_810
