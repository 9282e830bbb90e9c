"""How the award is allocated to schemes. Amounts are pence."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.funding.ledger.ledger.rules import pounds
from services.funding.programme.programme.tables import BudgetYear, Programme
from shared.problems import Conflict


class ProgrammeExhausted(Conflict):
    title = "The programme does not have that much left"
    detail = "The caps of all schemes together may not exceed the award. Choose a lower cap, or lower another scheme's."


class ProgrammeYears(NamedTuple):
    """The first and the last day for which the programme pays."""

    starts_on: date
    ends_on: date

    def include(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


class YearSpending(NamedTuple):
    """A budget year, and what the bank confirmed as paid in it."""

    year: BudgetYear
    paid_pence: int


class Budget(NamedTuple):
    """The programme and its years in order."""

    programme: Programme
    years: Sequence[YearSpending]


def require_unallocated(programme: Programme, pence: int) -> None:
    """Raise ProgrammeExhausted unless this much of the award is unallocated."""
    left = programme.pence - programme.allocated_pence
    if pence > left:
        lower = "lower the cap of another scheme first (PATCH /v1/schemes/{id})."
        raise ProgrammeExhausted(
            f"Schemes may have {pounds(left)} more together. Choose a lower cap, or {lower}"
            if left > 0
            else f"All of the award is in schemes: {lower}"
        )
