from decimal import Decimal

from shared.persistence.migrations import schema
from tests.conftest import FreshDatabase
from tests.funding.world import FundingWorld


async def test_the_migrated_database_is_what_the_tables_say(fresh_database: FreshDatabase) -> None:
    assert await schema.difference("services.funding", await fresh_database("funding")) is None


async def test_upgrading_again_changes_nothing(world: FundingWorld, fresh_database: FreshDatabase) -> None:
    url = await fresh_database("funding")
    await schema.upgrade("services.funding", url)
    assert len(await world.rows("SELECT id FROM programmes")) == 1


async def test_the_figures_to_begin_with_come_with_source_and_certainty(world: FundingWorld) -> None:
    for table in ("rate_cards", "cost_limits", "bank_holidays"):
        assert await world.rows(f"SELECT id FROM {table} WHERE source = '' OR certainty = ''") == []  # noqa: S608  of the list above
    (years,) = await world.rows("SELECT sum(pence) AS pence, count(*) FROM budget_years")
    assert (years["pence"], years["count"]) == (Decimal(1_500_000_000), 7)


async def test_the_bank_holidays_reach_to_the_end_of_the_programme(world: FundingWorld) -> None:
    (row,) = await world.rows(
        "SELECT min(year) AS first, max(year) AS last, min(days) AS fewest FROM ("
        "  SELECT extract(year FROM bank_holidays.on) AS year, count(*) AS days FROM bank_holidays GROUP BY 1) AS years"
    )
    assert (row["first"], row["last"], row["fewest"]) == (2025, 2033, 8)
    weekends = "SELECT * FROM bank_holidays WHERE extract(isodow FROM bank_holidays.on) > 5"
    assert [row["on"].isoformat() for row in await world.rows(weekends)] == []
