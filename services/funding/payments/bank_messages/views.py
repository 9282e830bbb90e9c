"""How bank messages are shown."""

from uuid import UUID

from services.funding.payments.bank_messages.tables import BankMessage
from services.funding.payments.runs.tables import PaymentRun, RunStatus
from shared.views import View


class BankMessageView(View):
    """How many payments a message of the bank changed.

    `waiting` payments have no outcome yet. `repeated`: the identical message was posted before and changed nothing now.
    """

    run_id: UUID
    run_status: RunStatus
    message_id: str
    paid: int
    refused: int
    waiting: int
    repeated: bool

    @classmethod
    def of(cls, message: BankMessage, run: PaymentRun, *, repeated: bool) -> "BankMessageView":
        return cls(
            run_id=run.id,
            run_status=run.status,
            message_id=message.message_id,
            paid=message.paid,
            refused=message.refused,
            waiting=message.waiting,
            repeated=repeated,
        )
