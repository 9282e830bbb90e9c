"""Request bodies and views of payment runs. Bank details are never shown."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.funding.payments.runs.tables import Payment, PaymentRun, PaymentStatus, RunStatus
from shared.views import Body, Money, View

XML_CONTENT: dict[str, Any] = {"application/xml": {"schema": {"type": "string", "format": "binary"}}}
"""How OpenAPI describes an XML file."""


class NewRun(Body):
    """The claims to pay: those named, or all that can be paid."""

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
