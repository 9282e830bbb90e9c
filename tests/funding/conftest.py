"""The funding service on a database that is as good as new for each test."""

from typing import TYPE_CHECKING

import pytest

from tests.conftest import FreshDatabase

if TYPE_CHECKING:
    from tests.funding.world import FundingWorld
    from tests.support.databases import DatabasePool


@pytest.fixture
async def world(fresh_database: FreshDatabase, database_pool: "DatabasePool") -> "FundingWorld":
    from tests.funding.world import FundingWorld
    from tests.support.world import world_on_database

    url = await fresh_database("funding")
    return world_on_database(FundingWorld, database_pool.connections(url, "funding"), demo=True)
