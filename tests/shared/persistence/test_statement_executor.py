import asyncio

import asyncpg
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


async def test_connections_that_the_server_closes_are_an_outage_whenever_that_is_noticed(diary_url: str) -> None:
    database = Database(diary_url, "diary")
    administrator = await asyncpg.connect(database.dsn)
    try:
        for _ in range(40):
            [(process,)] = await database.statements.read("SELECT pg_backend_pid()")
            await administrator.execute("SELECT pg_terminate_backend($1)", process)
            with pytest.raises(ServiceUnavailable):
                await read_until_refused(database)
    finally:
        await administrator.close()
        await database.close()


async def read_until_refused(database: Database) -> None:
    while True:
        await database.statements.read("SELECT 1")
