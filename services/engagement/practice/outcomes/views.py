"""Bodies and views of outcomes."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, Field

from services.engagement.callers import is_project_staff
from services.engagement.practice.outcomes import rules
from services.engagement.practice.outcomes.tables import Outcome
from shared.callers import Caller
from shared.disclosure import RoundedCount, rounded_count
from shared.events.contracts.engagement import OutcomeDirection
from shared.views import Body, View


class OutcomeRequest(Body):
    """A change that was measured. The note is for staff alone."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"measure": "breaks_for_carers", "direction": "better", "people_affected": 120}}
    )

    measure: rules.Measure
    direction: OutcomeDirection
    people_affected: int = Field(ge=0, le=100_000_000)
    note: str | None = Field(default=None, max_length=2000)


class OutcomeView(View):
    """An outcome as people see it. Only staff read `note`, and the number of people as it is."""

    id: UUID
    project_id: UUID
    measure: str
    direction: OutcomeDirection
    people_affected: int | RoundedCount
    note: str | None
    created_at: datetime

    @classmethod
    def for_caller(cls, caller: Caller, outcome: Outcome) -> Self:
        """Return what this caller may read."""
        view = cls.model_validate(outcome)
        if is_project_staff(caller):
            return view
        people_affected = rounded_count(outcome.people_affected)
        return view.model_copy(update={"note": None, "people_affected": people_affected})
