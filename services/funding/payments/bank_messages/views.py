"""How bank messages are shown."""

from datetime import datetime
from uuid import UUID

from services.funding.payments.bank_messages.tables import BankMessage, ReportEffect
from services.funding.payments.runs.tables import PaymentRun, RunStatus
from shared.views import View


class BankMessageView(View):
    """A message of the bank, and how many payments it changed.

    `duplicates` are those that the bank refused because it has an earlier instruction, `contradictions` those that it
    reported otherwise before: they need a person's attention. `waiting` payments of the run had no outcome after it.
    """

    id: UUID
    run_id: UUID
    message_id: str
    posted_at: datetime
    file_status: str | None
    file_reason: str | None
    paid: int
    refused: int
    duplicates: int
    contradictions: int
    waiting: int

    @classmethod
    def of(cls, message: BankMessage) -> "BankMessageView":
        return cls(
            id=message.id,
            run_id=message.run_id,
            message_id=message.message_id,
            posted_at=message.created_at,
            file_status=message.file_status,
            file_reason=message.file_reason,
            paid=message.paid,
            refused=message.refused,
            duplicates=message.duplicates,
            contradictions=message.contradictions,
            waiting=message.waiting,
        )


class AppliedMessageView(BankMessageView):
    """A message that was posted. `repeated`: the identical one was posted before and changed nothing now."""

    run_status: RunStatus
    repeated: bool

    @classmethod
    def of_applied(cls, message: BankMessage, run: PaymentRun, *, repeated: bool) -> "AppliedMessageView":
        return cls(**dict(BankMessageView.of(message)), run_status=run.status, repeated=repeated)


class ReportedPaymentView(View):
    """What a message reports of one payment, and what that did (`effect`)."""

    payment_id: UUID
    claim_id: UUID
    end_to_end_id: str
    bank_status: str | None
    bank_reason: str | None
    effect: ReportEffect
