import asyncio

import pytest
from sqlalchemy.engine import make_url

from deploy.engines.postgres import Cluster
from shared.persistence import statement_executor
from shared.persistence.database import Database
from shared.problems import ServiceUnavailable


@pytest.mark.alters_schema
async def test_a_database_that_takes_nobody_right_now_is_waited_for(diary_url: str, postgres_cluster: Cluster) -> None:
    database = Database(diary_url, "diary")
    postgres_cluster.sql(f"ALTER DATABASE {make_url(diary_url).database} CONNECTION LIMIT 0")
    try:
        with pytest.raises(ServiceUnavailable):
            await database.statements.read("SELECT 1")
    finally:
        await database.close()


async def test_a_database_that_falls_silent_is_given_up_and_asked_anew(
    diary_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_executor, "STATEMENT_TIMEOUT_SECONDS", 0.5)
    database = Database(diary_url, "diary")
    try:
        async with asyncio.timeout(10):
            with pytest.raises(ServiceUnavailable):
                await database.statements.read("SELECT pg_sleep(60)")
            assert [tuple(row) for row in await database.statements.read("SELECT 1")] == [(1,)]
    finally:
        await database.close()
