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
    from tests.support.world import world_with

    url = await fresh_database("engagement")
    return world_with(EngagementWorld, database_pool.connections(url, "engagement"))
