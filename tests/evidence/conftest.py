"""The evidence service on a fresh database for each test."""

from collections.abc import AsyncGenerator

import pytest

from tests.conftest import FreshDatabase
from tests.evidence.world import World, world_on


@pytest.fixture
async def world(fresh_database: FreshDatabase) -> AsyncGenerator[World]:
    async with world_on(await fresh_database("evidence")) as made:
        yield made
