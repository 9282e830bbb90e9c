"""The funding service on a fresh database for each test."""

from collections.abc import AsyncGenerator

import pytest

from tests.conftest import FreshDatabase
from tests.funding.world import World, world_on


@pytest.fixture
async def world(fresh_database: FreshDatabase) -> AsyncGenerator[World]:
    async with world_on(await fresh_database("funding")) as made:
        yield made
