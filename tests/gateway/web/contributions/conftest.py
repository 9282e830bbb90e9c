"""A gateway before a real evidence service, and browsers of people at it."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FreshDatabase

if TYPE_CHECKING:
    from tests.gateway.web.contributions.world import Site
    from tests.support.databases import DatabasePool


@pytest.fixture
async def site(
    fresh_database: FreshDatabase, database_pool: "DatabasePool", monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator["Site"]:
    from tests.gateway.web.contributions.world import open_site

    monkeypatch.setenv("DEMO", "true")
    async with open_site(fresh_database, database_pool) as site:
        yield site
