"""The evidence service on a database that is as good as new for each test."""

from typing import TYPE_CHECKING

import pytest

from tests.conftest import FreshDatabase

if TYPE_CHECKING:
    from tests.evidence.world import EvidenceWorld
    from tests.support.databases import DatabasePool


@pytest.fixture
async def world(fresh_database: FreshDatabase, database_pool: "DatabasePool") -> "EvidenceWorld":
    from tests.evidence.world import EvidenceWorld
    from tests.support.world import world_on_database

    url = await fresh_database("evidence")
    return world_on_database(EvidenceWorld, database_pool.connections(url, "evidence"))
