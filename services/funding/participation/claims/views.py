"""Request bodies and views of claims."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from services.funding.callers import may_read_claim_texts, may_see_all_claims
from services.funding.participation.claims import rules, situations
from services.funding.participation.claims.queries import ClaimDetails
from services.funding.participation.claims.situations import ClaimSituation
from services.funding.participation.claims.tables import Claim, ClaimLine, ClaimStatus, Step, StepRole
from services.funding.programme.cost_limits.tables import CostKind
from services.funding.programme.reservations.rules import missing_pence
from shared.callers import Caller
from shared.views import Body, Day, Money, View

MAX_LINE_PENCE = 10_000_00
MAX_LINES = 50
"""Fifty lines of £10,000 stay below the Faster Payments limit of £1,000,000 per payment."""


class NewLine(Body):
    """One cost. Only the person and those who decide read its description; never write about anyone's health in it."""

    kind: CostKind
    description: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = Field(
        default=None, examples=["Bus to the meeting and back"]
    )
    amount: Money
    on: Day = Field(description="The day of the cost.")

    @model_validator(mode="after")
    def _check_amount(self) -> "NewLine":
        if not 0 < self.amount.pence <= MAX_LINE_PENCE:
            raise ValueError("a cost is more than nothing, and at most £10,000")
        return self

    def row(self, claim_id: UUID, position: int) -> ClaimLine:
        """Return the row of this line. Positions start at 1."""
        return ClaimLine(
            claim_id=claim_id,
            position=position,
            kind=self.kind,
            description=self.description,
            pence=self.amount.pence,
            spent_on=self.on,
        )


Lines = Annotated[list[NewLine], Field(max_length=MAX_LINES)]


class NewClaim(Body):
    """A draft. Nobody else sees it until it is submitted."""

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
    """The new cost lines of a claim (JSON Merge Patch: the list replaces the old one)."""

    lines: Lines


class NewDecision(Body):
    """An approver's decision. A reason is needed unless the claim is approved."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"decision": "returned", "reason": "Please say which day the sitter came."}}
    )

    decision: rules.Decision
    reason: Annotated[str, StringConstraints(min_length=3, max_length=2000)] | None = None
    duplicates_checked: list[UUID] = Field(
        default_factory=list[UUID],
        max_length=1000,
        description="The claims of `possible_duplicates` that were looked at. An approval names all of them.",
    )


class LineView(View):
    """One cost. The description is null for those who may not read it."""

    kind: CostKind
    description: str | None
    amount: Money
    on: date


class StepView(View):
    """A step in the claim's history. It shows the role of whoever took it, never the person."""

    step: Step
    role: StepRole
    at: datetime
    reason: str | None
    duplicates_checked: list[UUID] = Field(description="The claims that the approver compared this one with.")


class PossibleDuplicateView(View):
    """A line of another claim of the same person with the kind, day and sum of a line of this one."""

    line: int = Field(description="The line of this claim, counted from 1.")
    claim_id: UUID
    claim_status: ClaimStatus
    claim_line: int = Field(description="The line of that claim, counted from 1.")


class NeededExtension(View):
    """What the reservation of the assembly has to be extended by, at least, before the claim can be approved."""

    reservation_id: UUID
    amount: Money


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
    attention: str | None = Field(description="For staff: why it needs attention, and who does what.")
    beyond_reservation: bool = Field(
        description="The reservation of its assembly had less left: it waits for a funding officer."
    )
    what_next: str
    created_at: datetime

    @classmethod
    def of(cls, claim: Claim, situation: ClaimSituation, caller: Caller) -> "ClaimSummary":
        return cls(
            id=claim.id,
            entitlement_id=claim.entitlement_id,
            assembly_id=claim.assembly_id,
            status=claim.status,
            total=Money(pence=claim.pence),
            promised_on=claim.promised_on,
            paid_on=claim.paid_on,
            needs_attention=situation.needs_attention,
            attention=situations.attention(claim, situation) if may_see_all_claims(caller) else None,
            beyond_reservation=claim.beyond_reservation,
            what_next=situations.what_next(claim, situation),
            created_at=claim.created_at,
        )


class ClaimView(ClaimSummary):
    """A claim with its costs and its history.

    Only the person and those who decide read descriptions and the reasons of approvers.
    """

    bank_reason: str | None
    possible_duplicates: list[PossibleDuplicateView] = Field(
        description="Costs in the person's other claims that may be the same. Drafts only for the person."
    )
    needed_extension: NeededExtension | None = Field(
        description="For staff, where the reservation has too little left."
    )
    lines: list[LineView]
    history: list[StepView]

    @classmethod
    def with_details(cls, details: ClaimDetails, caller: Caller) -> "ClaimView":
        claim = details.claim
        with_texts = caller.id == claim.person_id or may_read_claim_texts(caller)
        return cls(
            **dict(ClaimSummary.of(claim, details.situation, caller)),
            bank_reason=claim.bank_reason,
            possible_duplicates=[
                PossibleDuplicateView(
                    line=duplicate.position,
                    claim_id=duplicate.claim_id,
                    claim_status=duplicate.status,
                    claim_line=duplicate.claim_position,
                )
                for duplicate in details.duplicates
                if duplicate.status != "draft" or caller.id == claim.person_id
            ],
            needed_extension=_needed_extension(details) if may_see_all_claims(caller) else None,
            lines=[
                LineView(
                    kind=line.kind,
                    description=line.description if with_texts else None,
                    amount=Money(pence=line.pence),
                    on=line.spent_on,
                )
                for line in details.lines
            ],
            history=[
                StepView(
                    step=step.step,
                    role=step.role,
                    at=step.performed_at,
                    reason=step.reason if with_texts or step.role in ("bank", "finance") else None,
                    duplicates_checked=step.duplicates_checked,
                )
                for step in details.steps
            ],
        )


def _needed_extension(details: ClaimDetails) -> NeededExtension | None:
    if details.reservation is None:
        return None
    missing = missing_pence(details.reservation, details.claim.pence)
    return NeededExtension(reservation_id=details.reservation.id, amount=Money(pence=missing)) if missing else None
