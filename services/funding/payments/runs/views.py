"""Request bodies and views of payment runs. Bank details are never shown."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.funding.payments.runs.rules import LeftOutClaims
from services.funding.payments.runs.tables import Payment, PaymentRun, PaymentStatus, RunStatus
from shared.views import Body, Money, View

XML_CONTENT: dict[str, Any] = {"application/xml": {"schema": {"type": "string", "format": "binary"}}}
"""How OpenAPI describes an XML file."""


class NewRun(Body):
    """The claims to pay: those named, or all that the caller may pay."""

    claims: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = None


class RunView(View):
    """A batch of approved claims. `claims` is how many."""

    id: UUID
    status: RunStatus
    message_id: str
    claims: int
    total: Money
    execute_on: date | None
    created_at: datetime
    released_at: datetime | None

    @classmethod
    def of(cls, run: PaymentRun) -> "RunView":
        return cls(
            id=run.id,
            status=run.status,
            message_id=run.message_id,
            claims=run.claims,
            total=Money(pence=run.pence),
            execute_on=run.execute_on,
            created_at=run.created_at,
            released_at=run.released_at,
        )


class LeftOutView(View):
    """An approved claim that the run did not take, why, and what can be done."""

    claim_id: UUID
    reason: str


class NewRunView(RunView):
    """A run as it was made. `left_out` are the first of the `left_out_count` approved claims that it did not take."""

    left_out: list[LeftOutView]
    left_out_count: int

    @classmethod
    def with_left_out(cls, run: PaymentRun, left_out: LeftOutClaims) -> "NewRunView":
        return cls(
            **dict(RunView.of(run)),
            left_out=[LeftOutView(claim_id=id, reason=reason) for id, reason in left_out.reasons.items()],
            left_out_count=left_out.count,
        )


class PaymentView(View):
    """The payment of one claim, with what the bank reported of it."""

    id: UUID
    claim_id: UUID
    amount: Money
    end_to_end_id: str
    status: PaymentStatus
    bank_reason: str | None

    @classmethod
    def of(cls, payment: Payment) -> "PaymentView":
        return cls(
            id=payment.id,
            claim_id=payment.claim_id,
            amount=Money(pence=payment.pence),
            end_to_end_id=payment.end_to_end_id,
            status=payment.status,
            bank_reason=payment.bank_reason,
        )
