"""What the database itself refuses (P6). The statements run as the role that owns the tables."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.funding.world import FundingWorld

ENTRY = text(
    "INSERT INTO ledger_entries (transaction_id, account_id, debit_pence, credit_pence) "
    "VALUES (:transaction, (SELECT id FROM ledger_accounts WHERE code = :account), :debit, :credit)"
)
BALANCED = [("bank", 5, 0), ("payable", 0, 5)]


async def begin(connection: AsyncConnection) -> Any:
    statement = text("INSERT INTO ledger_transactions (kind, occurred_on) VALUES ('budget', now()) RETURNING id")
    return (await connection.execute(statement)).scalar_one()


async def enter(connection: AsyncConnection, transaction: Any, entries: Sequence[tuple[str, int, int]]) -> None:
    for account, debit, credit in entries:
        values = {"transaction": transaction, "account": account, "debit": debit, "credit": credit}
        await connection.execute(ENTRY, values)


async def write(world: FundingWorld, entries: Sequence[tuple[str, int, int]]) -> None:
    async with world.database.engine.begin() as connection:
        await enter(connection, await begin(connection), entries)


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [("bank", 100, 0)],
        [("bank", 100, 0), ("payable", 0, 99)],
        [("bank", 100, 0), ("payable", 100, 0)],
        [("bank", 100, 100)],
        [("bank", 0, 0), ("payable", 0, 0)],
        [("bank", -100, 0), ("payable", 0, -100)],
    ],
    ids=["no entries", "one side", "a penny short", "two debits", "both in one", "nothing", "negative"],
)
async def test_the_database_refuses_a_transaction_that_does_not_balance(
    world: FundingWorld, entries: list[tuple[str, int, int]]
) -> None:
    before = await world.rows("SELECT count(*) FROM ledger_transactions")
    with pytest.raises(IntegrityError):
        await write(world, entries)
    assert await world.rows("SELECT count(*) FROM ledger_transactions") == before


amounts = st.lists(st.integers(min_value=1, max_value=10**6), min_size=1, max_size=4)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(debits=amounts, credits=amounts)
async def test_the_database_takes_what_balances_and_nothing_else(
    world: FundingWorld, debits: list[int], credits: list[int]
) -> None:
    entries = [("bank", pence, 0) for pence in debits] + [("payable", 0, pence) for pence in credits]
    if sum(debits) == sum(credits):
        await write(world, entries)
    else:
        with pytest.raises(IntegrityError):
            await write(world, entries)
    rows = await world.rows("SELECT sum(debit_pence) - sum(credit_pence) AS difference FROM ledger_entries")
    assert rows[0]["difference"] == 0


@pytest.mark.parametrize("table", ["ledger_accounts", "ledger_transactions", "ledger_entries", "claim_steps"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET created_at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"],
    ids=lambda s: s.split()[0],
)
async def test_the_database_refuses_any_change_of_what_was_written(
    world: FundingWorld, table: str, statement: str
) -> None:
    if table == "claim_steps":
        await world.submitted_claim()
    before = await world.rows(f"SELECT count(*) FROM {table}")  # noqa: S608  a name of the list above
    with pytest.raises(DBAPIError, match="append-only"):
        async with world.database.engine.begin() as connection:
            await connection.execute(text(statement.format(table)))
    assert await world.rows(f"SELECT count(*) FROM {table}") == before  # noqa: S608  as above
    assert before[0]["count"] > 0


async def test_nothing_is_added_to_a_transaction_that_was_committed(world: FundingWorld) -> None:
    rows = await world.rows("SELECT id FROM ledger_transactions LIMIT 1")

    async def add(connection: AsyncConnection) -> None:
        await enter(connection, rows[0]["id"], BALANCED)

    await assert_refused(world, add, "closed")


async def test_checking_early_does_not_let_an_entry_slip_in_after_the_check(world: FundingWorld) -> None:
    async def slip_in(connection: AsyncConnection) -> None:
        transaction = await begin(connection)
        await enter(connection, transaction, BALANCED)
        await connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        await enter(connection, transaction, [("bank", 7, 0)])

    await assert_refused(world, slip_in, "differs")


async def test_the_stamp_of_a_transaction_cannot_be_forged(world: FundingWorld) -> None:
    forged = text(
        "INSERT INTO ledger_transactions (kind, occurred_on, posted_in) "
        "SELECT 'budget', now(), (pg_current_xact_id()::text)::bigint + 1 RETURNING id"
    )
    async with world.database.engine.begin() as connection:
        transaction = (await connection.execute(forged)).scalar_one()
        await enter(connection, transaction, BALANCED)

    async def add(connection: AsyncConnection) -> None:
        await enter(connection, transaction, BALANCED)

    await assert_refused(world, add, "closed")


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("'approve', now(), :claim, 1", "once_per_approval"),
        ("'approve', now(), :claim, 2", "approved already"),
        ("'approve', now(), :claim, NULL", "approval"),
        ("'reverse', now(), :claim, NULL", "approval"),
    ],
)
async def test_a_claim_is_approved_once_in_the_ledger_until_that_is_reversed(
    world: FundingWorld, values: str, reason: str
) -> None:
    claim = await world.approved_claim()
    statement = f"INSERT INTO ledger_transactions (kind, occurred_on, claim_id, approval) VALUES ({values})"  # noqa: S608  of the list above

    async def approve(connection: AsyncConnection) -> None:
        await connection.execute(text(statement), {"claim": claim})

    await assert_refused(world, approve, reason)


async def test_a_claim_is_paid_once_in_the_ledger(world: FundingWorld) -> None:
    claim = await world.approved_claim()
    await world.post_bank_message(await world.released_run(claim))
    statement = text("INSERT INTO ledger_transactions (kind, occurred_on, claim_id) VALUES ('pay', now(), :claim)")

    async def pay(connection: AsyncConnection) -> None:
        await connection.execute(statement, {"claim": claim})

    await assert_refused(world, pay, "once_per_claim")


async def assert_refused(world: FundingWorld, work: Callable[[AsyncConnection], Awaitable[None]], reason: str) -> None:
    """Assert that the database refuses the work, in one transaction, for this reason."""
    async with world.database.engine.connect() as connection:
        transaction = connection.begin()
        await transaction.start()
        with pytest.raises(IntegrityError, match=reason):
            await work(connection)
        await transaction.rollback()
