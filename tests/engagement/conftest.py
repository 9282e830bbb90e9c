"""The engagement service on a fresh database for each test."""

from collections.abc import AsyncGenerator

import pytest

from tests.conftest import FreshDatabase
from tests.engagement.world import World, world_on


@pytest.fixture
async def world(fresh_database: FreshDatabase) -> AsyncGenerator[World]:
    async with world_on(await fresh_database("engagement")) as made:
        yield made
