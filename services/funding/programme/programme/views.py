"""How the programme's budget is shown."""

from datetime import date
from uuid import UUID

from pydantic import Field

from services.funding.programme.programme.rules import Budget, YearSpending
from shared.views import Money, View


class YearView(View):
    """A year's budget, and what was paid in it."""

    starts_on: date
    ends_on: date
    budget: Money
    paid: Money

    @classmethod
    def of(cls, spending: YearSpending) -> "YearView":
        return cls(
            starts_on=spending.year.starts_on,
            ends_on=spending.year.ends_on,
            budget=Money(pence=spending.year.pence),
            paid=Money(pence=spending.paid_pence),
        )


class ProgrammeView(View):
    """The whole budget. Staff read what was paid until today; everyone else, what is public of closed months."""

    id: UUID
    name: str
    starts_on: date
    ends_on: date
    total: Money
    allocated: Money
    unallocated: Money
    paid_until: date = Field(description="The day up to which payments are counted.")
    years: list[YearView]

    @classmethod
    def of(cls, budget: Budget, paid_until: date) -> "ProgrammeView":
        programme = budget.programme
        return cls(
            id=programme.id,
            name=programme.name,
            starts_on=programme.starts_on,
            ends_on=programme.ends_on,
            total=Money(pence=programme.pence),
            allocated=Money(pence=programme.allocated_pence),
            unallocated=Money(pence=programme.pence - programme.allocated_pence),
            paid_until=paid_until,
            years=[YearView.of(spending) for spending in budget.years],
        )
