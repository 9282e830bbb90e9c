"""The pages before the real evidence service."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FreshDatabase

if TYPE_CHECKING:
    from tests.gateway.web.questions.front_line import FrontLine
    from tests.support.databases import DatabasePool


@pytest.fixture
async def front_line(
    fresh_database: FreshDatabase, database_pool: "DatabasePool", monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator["FrontLine"]:
    from tests.gateway.web.questions.front_line import open_front_line

    monkeypatch.setenv("DEMO", "true")
    async with open_front_line(fresh_database, database_pool) as front_line:
        yield front_line
