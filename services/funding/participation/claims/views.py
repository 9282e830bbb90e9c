"""What is sent and shown of a claim."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from services.funding.participation.claims import rules
from services.funding.participation.claims.tables import Claim, ClaimLine, ClaimStatus, ClaimStep, CostKind, Part, Step
from shared.views import Body, Money, View

MOST_PER_LINE_PENCE = 10_000_00
MOST_LINES = 50
"""Together below the Faster Payments limit of £1,000,000 per payment."""


class NewLine(Body):
    """One cost. A receipt's words stay with the claim; never write about anyone's health here."""

    kind: CostKind
    description: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = Field(
        default=None, examples=["Bus to the meeting and back"]
    )
    amount: Money
    on: date = Field(description="The day of the cost.")

    @model_validator(mode="after")
    def _within_reason(self) -> "NewLine":
        if not 0 < self.amount.pence <= MOST_PER_LINE_PENCE:
            raise ValueError("a cost is more than nothing and at most £10,000")
        return self

    def row(self, claim_id: UUID, position: int) -> ClaimLine:
        return ClaimLine(
            claim_id=claim_id,
            position=position,
            kind=self.kind,
            description=self.description,
            pence=self.amount.pence,
            spent_on=self.on,
        )


Lines = Annotated[list[NewLine], Field(max_length=MOST_LINES)]


class NewClaim(Body):
    """A claim to begin with; it is not sent to anyone until it is submitted."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "entitlement_id": "01990000-0000-7000-8000-000000000000",
                "lines": [
                    {"kind": "involvement_payment", "amount": {"pence": 8250, "currency": "GBP"}, "on": "2026-11-10"},
                    {
                        "kind": "travel",
                        "description": "Bus to the meeting and back",
                        "amount": {"pence": 560, "currency": "GBP"},
                        "on": "2026-11-10",
                    },
                ],
            }
        }
    )

    entitlement_id: UUID
    lines: Lines = Field(default_factory=list[NewLine])


class ClaimChange(Body):
    """All cost lines of a draft, anew (JSON Merge Patch: a list replaces the list before)."""

    lines: Lines


class NewDecision(Body):
    """An approver's word. A reason is needed unless the claim is approved."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"decision": "returned", "reason": "Please say which day the sitter came."}}
    )

    decision: rules.Decision
    reason: Annotated[str, StringConstraints(min_length=3, max_length=2000)] | None = None


class LineView(View):
    kind: CostKind
    description: str | None
    amount: Money
    on: date


class StepView(View):
    """A step in the claim's history: whose part it was, never who."""

    step: Step
    part: Part
    at: datetime
    reason: str | None


class ClaimSummary(View):
    """A claim in a list."""

    id: UUID
    entitlement_id: UUID
    assembly_id: UUID
    status: ClaimStatus
    total: Money
    promised_on: date | None
    paid_on: date | None
    needs_attention: bool
    what_next: str
    created_at: datetime

    @classmethod
    def of(cls, claim: Claim) -> "ClaimSummary":
        return cls(
            id=claim.id,
            entitlement_id=claim.entitlement_id,
            assembly_id=claim.assembly_id,
            status=claim.status,
            total=Money(pence=claim.pence),
            promised_on=claim.promised_on,
            paid_on=claim.paid_on,
            needs_attention=claim.needs_attention,
            what_next=rules.what_next(claim),
            created_at=claim.created_at,
        )


class ClaimView(ClaimSummary):
    """A claim with its costs and its history. Words of people are for the person and those who decide."""

    bank_reason: str | None
    lines: list[LineView]
    history: list[StepView]

    @classmethod
    def whole(
        cls, claim: Claim, lines: Sequence[ClaimLine], steps: Sequence[ClaimStep], *, described: bool = True
    ) -> "ClaimView":
        return cls(
            **dict(ClaimSummary.of(claim)),
            bank_reason=claim.bank_reason,
            lines=[
                LineView(
                    kind=line.kind,
                    description=line.description if described else None,
                    amount=Money(pence=line.pence),
                    on=line.spent_on,
                )
                for line in lines
            ],
            history=[
                StepView(
                    step=step.step,
                    part=step.part,
                    at=step.taken_at,
                    reason=step.reason if described or step.part == "bank" else None,
                )
                for step in steps
            ],
        )
