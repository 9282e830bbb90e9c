"""The evidence service on a database that is as good as new for each test."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from shared import disclosure
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


@pytest.fixture(params=["tests", "production"])
def fewest_shown(request: pytest.FixtureRequest) -> Iterator[int]:
    """Run a test with the disclosure threshold of the tests and with that of production. Name it after the `world`."""
    before = disclosure.threshold()
    fewest = disclosure.DEFAULT_THRESHOLD if request.param == "production" else before
    disclosure.set_threshold(fewest)
    yield fewest
    disclosure.set_threshold(before)
