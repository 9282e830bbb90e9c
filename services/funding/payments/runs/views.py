"""What is sent and shown of payments: never bank details."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.funding.payments.runs.tables import BankAnswer, Payment, PaymentRun, PaymentStatus, RunStatus
from shared.views import Body, Money, View


class NewRun(Body):
    """Which claims to pay: all that are approved, or those named."""

    claims: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = None


class RunView(View):
    """A batch of approved claims on its way to the bank."""

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
    """One claim in a run, and what the bank said of it."""

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


class AnswerView(View):
    """What an answer of the bank changed. `repeated`: the same answer was posted before, and changed nothing now."""

    run_id: UUID
    run_status: RunStatus
    message_id: str
    paid: int
    refused: int
    waiting: int
    repeated: bool

    @classmethod
    def of(cls, answer: BankAnswer, run: PaymentRun, *, repeated: bool) -> "AnswerView":
        return cls(
            run_id=run.id,
            run_status=run.status,
            message_id=answer.message_id,
            paid=answer.paid,
            refused=answer.refused,
            waiting=answer.waiting,
            repeated=repeated,
        )
