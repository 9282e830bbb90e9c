"""Request bodies and views of payment runs. Bank details are never shown."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from services.funding.payments.runs.left_out_claims import LeftOutClaims
from services.funding.payments.runs.tables import Payment, PaymentRun, PaymentStatus, RunStatus
from shared.views import Body, Money, View

RESOLVE = (
    "Ask the bank what became of them, then resolve them (POST /v1/payment-runs/{run_id}/resolve), with those that are "
    "not pending named in `payments`."
)
XML_CONTENT: dict[str, Any] = {"application/xml": {"schema": {"type": "string", "format": "binary"}}}
"""How OpenAPI describes an XML file."""


class NewRun(Body):
    """The claims to pay: those named, or all that the caller may pay."""

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
            attention=_explain_run(run, in_doubt=in_doubt),
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
            attention=_explain_payment(payment) if in_doubt else None,
        )


def _explain_run(run: PaymentRun, *, in_doubt: bool) -> str | None:
    """Return what a person must know and do about the run, or None. `in_doubt`: one of its payments is."""
    reported = f"{run.bank_status}, {run.bank_reason}" if run.bank_reason else run.bank_status
    sentences = [
        f"The bank reported {reported} of the whole file. That settles no payment, and fits not all of them."
        if run.file_in_doubt
        else None,
        "It is not clear whether some claims of this run were paid, or paid twice: see its payments."
        if in_doubt
        else None,
    ]
    stated = [sentence for sentence in sentences if sentence]
    return " ".join([*stated, RESOLVE.format(run_id=run.id)]) if stated else None


def _explain_payment(payment: Payment) -> str:
    """Return why a payment is in doubt: its own reports, or those of another payment of its claim."""
    match payment.in_doubt:
        case "duplicate":
            return "The bank has an earlier instruction for this payment. It may be paid already."
        case "contradiction":
            return f"The bank's reports contradict each other: {payment.status} before, then {payment.bank_status}."
        case None:
            return "The bank's reports on another payment of the same claim are in doubt: it may have been paid twice."
