"""Request bodies and views of cost limits."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.funding.programme.cost_limits.tables import CostKind, CostLimit
from shared.views import Body, Day, Money, View

Days = Annotated[int, Field(ge=0, le=366)]


class NewCostLimit(Body):
    """What a cost of one kind may be at meetings in a range of days, with the source of the figures."""

    kind: CostKind
    ceiling: Money = Field(description="The most that one cost may be.")
    days_before: Days = Field(description="How many days before the meeting the earliest cost may be.")
    days_after: Days = Field(description="How many days after the meeting the latest cost may be.")
    evidence_above: Money = Field(description="Costs of one day above this sum need evidence.")
    effective_from: Day
    effective_to: Annotated[Day | None, Field(description="The last day, included; null while it is open.")] = None
    source: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(
        description="Where the figures come from."
    )
    certainty: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="How sure the figures are.", examples=["verified"]
    )

    @model_validator(mode="after")
    def _check_order(self) -> "NewCostLimit":
        if self.evidence_above.pence > self.ceiling.pence:
            raise ValueError("evidence_above is at most the ceiling")
        if self.effective_to and self.effective_to < self.effective_from:
            raise ValueError("effective_to is before effective_from")
        return self

    def row(self) -> CostLimit:
        return CostLimit(
            kind=self.kind,
            ceiling_pence=self.ceiling.pence,
            days_before=self.days_before,
            days_after=self.days_after,
            evidence_above_pence=self.evidence_above.pence,
            effective_from=self.effective_from,
            effective_to=self.effective_to,
            source=self.source,
            certainty=self.certainty,
        )


class CostLimitChange(Body):
    """The last day of a limit, included; null makes it open-ended again."""

    effective_to: Day | None


class CostLimitView(View):
    """What a cost of one kind may be, and the days of the meetings to which it applies."""

    id: UUID
    kind: CostKind
    ceiling: Money
    days_before: int
    days_after: int
    evidence_above: Money
    effective_from: date
    effective_to: date | None
    source: str
    certainty: str

    @classmethod
    def of(cls, limit: CostLimit) -> "CostLimitView":
        return cls(
            id=limit.id,
            kind=limit.kind,
            ceiling=Money(pence=limit.ceiling_pence),
            days_before=limit.days_before,
            days_after=limit.days_after,
            evidence_above=Money(pence=limit.evidence_above_pence),
            effective_from=limit.effective_from,
            effective_to=limit.effective_to,
            source=limit.source,
            certainty=limit.certainty,
        )
