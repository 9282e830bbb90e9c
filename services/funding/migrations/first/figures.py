"""The figures to begin with: dated, with source and status, in the CSV files here. Later ones come by the API."""

import csv
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, text

ACCOUNTS = (
    ("award", "What the funder gave the programme", "asset"),
    ("bank", "What went out through the bank", "asset"),
    ("unallocated", "Not in a scheme yet", "fund"),
    ("payable", "Approved claims that are owed", "liability"),
)


def rows(name: str) -> Iterator[dict[str, Any]]:
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {key: _typed(key, value) for key, value in row.items()}


def _typed(column: str, value: str) -> Any:
    if value == "":
        return None
    if column.endswith(("_on", "_from", "_to")) or column == "on":
        return date.fromisoformat(value)
    return int(value) if column.endswith(("pence", "_minutes", "_days")) else value


def plant(connection: Connection) -> None:
    """Programme, years, schemes, accounts and the ledger's first transactions; rate cards and bank holidays."""
    for code, name, kind in ACCOUNTS:
        _insert(connection, "ledger_accounts", {"code": code, "name": name, "kind": kind})
    schemes = list(rows("schemes"))
    for programme in rows("programme"):
        programme["allocated_pence"] = sum(scheme["cap_pence"] for scheme in schemes)
        programme_id = _insert(connection, "programmes", programme)
        _post(connection, "budget", "award", "unallocated", programme["pence"])
        for year in rows("budget-years"):
            _insert(connection, "budget_years", {"programme_id": programme_id, **year})
        for scheme in schemes:
            _add_scheme(connection, programme_id, scheme)
    for card in rows("rate-cards"):
        _insert(connection, "rate_cards", card)
    for holiday in rows("bank-holidays"):
        _insert(connection, "bank_holidays", holiday)


def _add_scheme(connection: Connection, programme_id: UUID, scheme: Mapping[str, Any]) -> None:
    nothing = {"reserved_pence": 0, "approved_pence": 0, "paid_pence": 0}
    scheme_id = _insert(connection, "schemes", {"programme_id": programme_id, **nothing, **scheme})
    code, name = scheme["code"], scheme["name"]
    for part in ("available", "reserved"):
        account = {"code": f"scheme:{code}:{part}", "name": f"{name}: {part}", "kind": "fund"}
        _insert(connection, "ledger_accounts", account)
    _post(connection, "allocation", "unallocated", f"scheme:{code}:available", scheme["cap_pence"], scheme_id)


def _post(
    connection: Connection, kind: str, debit: str, credit: str, pence: int, scheme_id: UUID | None = None
) -> None:
    posted = {"kind": kind, "occurred_on": date.today(), "scheme_id": scheme_id}  # noqa: DTZ011  the day of the migration
    transaction_id = _insert(connection, "ledger_transactions", posted)
    for account, debited, credited in ((debit, pence, 0), (credit, 0, pence)):
        found = text("SELECT id FROM ledger_accounts WHERE code = :code")
        account_id = connection.execute(found, {"code": account}).scalar_one()
        entry = {"transaction_id": transaction_id, "account_id": account_id}
        _insert(connection, "ledger_entries", {**entry, "debit_pence": debited, "credit_pence": credited})


def _insert(connection: Connection, table: str, values: Mapping[str, Any]) -> UUID:
    """The names come from this folder's files alone, the values are bound."""
    columns = ", ".join(f'"{column}"' for column in values)
    marks = ", ".join(f":{column}" for column in values)
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks}) RETURNING id"  # noqa: S608  as the docstring says
    return connection.execute(text(statement), dict(values)).scalar_one()
