"""Seed an empty database with the figures of the CSV files in this folder. Later figures come through the API."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.persistence.unit_of_work import UnitOfWork

Figure = date | int | str | None
FOLDER = Path(__file__).parent
ACCOUNTS = (
    ("award", "What the funder gave the programme", "asset"),
    ("bank", "What went out through the bank", "asset"),
    ("unallocated", "Not in a scheme yet", "fund"),
    ("payable", "Approved claims that are owed", "liability"),
)


async def seed_first_figures(uow: UnitOfWork) -> bool:
    """Add programme, years, schemes, accounts, their first transactions, rate cards, cost limits, bank holidays.

    Returns False, and changes nothing, where there is a programme already.
    """
    session = uow.session
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('impact first figures'))"))
    if await session.scalar(text("SELECT EXISTS (SELECT FROM programmes)")):
        return False
    for code, name, kind in ACCOUNTS:
        await _insert(session, "ledger_accounts", {"code": code, "name": name, "kind": kind})
    schemes = list(read_figures("schemes"))
    for programme in read_figures("programme"):
        allocated_pence = sum(scheme["cap_pence"] for scheme in schemes)
        programme_id = await _insert(session, "programmes", {**programme, "allocated_pence": allocated_pence})
        await _post(session, "budget", "award", "unallocated", programme["pence"])
        for year in read_figures("budget-years"):
            await _insert(session, "budget_years", {"programme_id": programme_id, **year})
        for scheme in schemes:
            await _add_scheme(session, programme_id, scheme)
        uow.record("seeded", "Programme", programme_id, after={"pence": programme["pence"]})
    for card in read_figures("rate-cards"):
        await _insert(session, "rate_cards", card)
    for limit in read_figures("cost-limits"):
        await _insert(session, "cost_limits", limit)
    for holiday in read_figures("bank-holidays"):
        await _insert(session, "bank_holidays", holiday)
    return True


def read_figures(name: str) -> Iterator[dict[str, Any]]:
    """Read the rows of one CSV file, with dates, pence and numbers of days and minutes typed by their column."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {column: _typed(column, value) for column, value in row.items()}


def _typed(column: str, value: str) -> Figure:
    if value == "":
        return None
    if column.endswith(("_on", "_from", "_to")) or column == "on":
        return date.fromisoformat(value)
    return int(value) if column.endswith(("pence", "_minutes", "_days", "days_before", "days_after")) else value


async def _add_scheme(session: AsyncSession, programme_id: UUID, scheme: Mapping[str, Any]) -> None:
    balances = {"reserved_pence": 0, "approved_pence": 0, "paid_pence": 0}
    scheme_id = await _insert(session, "schemes", {"programme_id": programme_id, **balances, **scheme})
    code, name = scheme["code"], scheme["name"]
    for account in ("available", "reserved"):
        values = {"code": f"scheme:{code}:{account}", "name": f"{name}: {account}", "kind": "fund"}
        await _insert(session, "ledger_accounts", values)
    await _post(session, "allocation", "unallocated", f"scheme:{code}:available", scheme["cap_pence"], scheme_id)


async def _post(
    session: AsyncSession, kind: str, debit: str, credit: str, pence: int, scheme_id: UUID | None = None
) -> None:
    transaction = {"kind": kind, "occurred_on": clock.today(), "scheme_id": scheme_id}
    transaction_id = await _insert(session, "ledger_transactions", transaction)
    for code, debit_pence, credit_pence in ((debit, pence, 0), (credit, 0, pence)):
        statement = text("SELECT id FROM ledger_accounts WHERE code = :code")
        account_id = (await session.execute(statement, {"code": code})).scalar_one()
        entry = {"transaction_id": transaction_id, "account_id": account_id}
        await _insert(session, "ledger_entries", {**entry, "debit_pence": debit_pence, "credit_pence": credit_pence})


async def _insert(session: AsyncSession, table: str, values: Mapping[str, Any]) -> UUID:
    columns = ", ".join(f'"{column}"' for column in values)
    parameters = ", ".join(f":{column}" for column in values)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({parameters}) RETURNING id"  # noqa: S608  names of this file and its CSV files; the values are bound
    return (await session.execute(text(statement), dict(values))).scalar_one()
