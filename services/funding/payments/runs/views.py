"""Request bodies and views of payment runs. Bank details are never shown."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.funding.payments.runs import rules
from services.funding.payments.runs.tables import Payment, PaymentRun, PaymentStatus, RunStatus
from shared.views import Body, Money, View

XML_CONTENT: dict[str, Any] = {"application/xml": {"schema": {"type": "string", "format": "binary"}}}
"""How OpenAPI describes an XML file."""


class NewRun(Body):
    """The claims to pay: those named, or all that can be paid."""

    claims: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = None


class RunView(View):
    """A batch of approved claims. `claims` is how many.

    `bank_status` and `bank_reason` are what the bank reported of the whole file: no payment is changed by that.
    `attention` says what a person must do where the run needs attention.
    """

    id: UUID
    status: RunStatus
    message_id: str
    claims: int
    total: Money
    execute_on: date | None
    created_at: datetime
    released_at: datetime | None
    bank_status: str | None
    bank_reason: str | None
    needs_attention: bool
    attention: str | None

    @classmethod
    def of(cls, run: PaymentRun, *, in_doubt: bool = False) -> "RunView":
        return cls(
            id=run.id,
            status=run.status,
            message_id=run.message_id,
            claims=run.claims,
            total=Money(pence=run.pence),
            execute_on=run.execute_on,
            created_at=run.created_at,
            released_at=run.released_at,
            bank_status=run.bank_status,
            bank_reason=run.bank_reason,
            needs_attention=run.file_in_doubt or in_doubt,
            attention=rules.explain_run(run, in_doubt=in_doubt),
        )


class PaymentView(View):
    """The payment of one claim, with what the bank reported of it. `attention` says why a person must look at it."""

    id: UUID
    claim_id: UUID
    amount: Money
    end_to_end_id: str
    status: PaymentStatus
    bank_status: str | None
    bank_reason: str | None
    needs_attention: bool
    attention: str | None

    @classmethod
    def of(cls, payment: Payment, *, in_doubt: bool) -> "PaymentView":
        return cls(
            id=payment.id,
            claim_id=payment.claim_id,
            amount=Money(pence=payment.pence),
            end_to_end_id=payment.end_to_end_id,
            status=payment.status,
            bank_status=payment.bank_status,
            bank_reason=payment.bank_reason,
            needs_attention=in_doubt,
            attention=rules.explain_payment(payment) if in_doubt else None,
        )
