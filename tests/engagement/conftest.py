"""The engagement service on a database that is as good as new for each test."""

from typing import TYPE_CHECKING

import pytest

from tests.conftest import FreshDatabase

if TYPE_CHECKING:
    from tests.engagement.world import EngagementWorld
    from tests.support.databases import DatabasePool


@pytest.fixture
async def world(fresh_database: FreshDatabase, database_pool: "DatabasePool") -> "EngagementWorld":
    from tests.engagement.world import EngagementWorld
    from tests.support.world import world_on_database

    url = await fresh_database("engagement")
    return world_on_database(EngagementWorld, database_pool.connections(url, "engagement"))
