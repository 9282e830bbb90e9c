import asyncio

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.persistence import audit
from shared.persistence.database import Database
from tests.shared.example_service import Box


async def fill(database: Database, count: int) -> None:
    for pence in range(count):
        async with database.unit_of_work() as uow:
            uow.save(Box(note="x", pence=pence))
            await uow.commit()


async def seal(database: Database) -> int:
    async with database.engine.begin() as connection:
        return await audit.seal(connection)


async def broken(database: Database) -> int | None:
    async with database.engine.connect() as connection:
        return await audit.find_broken_seal(connection)


async def test_entries_are_sealed_into_one_chain_each_once(app: FastAPI) -> None:
    database: Database = app.state.database
    await fill(database, 3)
    assert await seal(database) == 3
    await fill(database, 2)
    assert [await seal(database), await seal(database)] == [2, 0]
    assert await broken(database) is None


async def test_an_entry_of_a_transaction_that_still_runs_waits_for_the_next_sealing(app: FastAPI) -> None:
    database: Database = app.state.database
    async with database.unit_of_work() as slow:
        slow.save(Box(note="slow", pence=1))
        await slow.session.flush()
        await fill(database, 2)
        assert await seal(database) == 0
        await slow.commit()
    assert await seal(database) == 3
    assert await broken(database) is None


async def test_many_writers_at_once_leave_no_entry_unsealed(app: FastAPI) -> None:
    database: Database = app.state.database
    sealed = 0
    writers = asyncio.gather(*(fill(database, 10) for _ in range(8)))
    while not writers.done():
        sealed += await seal(database)
        await asyncio.sleep(0.01)
    await writers
    assert sealed + await seal(database) == 80
    assert await broken(database) is None


async def numbered(database: Database, transaction: str) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text(f"ALTER TABLE audit_entries ALTER transaction SET DEFAULT {transaction}"))


@pytest.mark.alters_schema
async def test_after_a_restore_into_a_cluster_that_counts_anew_entries_are_sealed_all_the_same(app: FastAPI) -> None:
    database: Database = app.state.database
    here = "(pg_current_xact_id()::text)::bigint"
    await fill(database, 2)
    assert await seal(database) == 2
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        await connection.execute(text("UPDATE audit_entries SET transaction = transaction + 1000000000000"))
        await connection.execute(text("ALTER TABLE audit_entries ENABLE TRIGGER USER"))
    await numbered(database, f"{here} + 1000000000000")
    await fill(database, 1)
    await numbered(database, here)
    await fill(database, 2)
    assert [await seal(database), await seal(database)] == [3, 0]
    await fill(database, 1)
    assert [await seal(database), await seal(database)] == [1, 0]
    assert await broken(database) is None


@pytest.mark.parametrize("statement", ["UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"])
async def test_the_database_refuses_to_change_an_entry(app: FastAPI, statement: str) -> None:
    await fill(app.state.database, 1)
    async with app.state.database.engine.begin() as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            await connection.execute(text(statement))


@pytest.mark.parametrize(
    "tampering", ["UPDATE audit_entries SET action = 'x' WHERE id = 2", "DELETE FROM audit_entries WHERE id = 2"]
)
@pytest.mark.alters_schema
async def test_who_tampers_past_the_trigger_breaks_the_chain_at_that_place(app: FastAPI, tampering: str) -> None:
    database: Database = app.state.database
    await fill(database, 3)
    await seal(database)
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
        await connection.execute(text(tampering))
    assert await broken(database) == 2
