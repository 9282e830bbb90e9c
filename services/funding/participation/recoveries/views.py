"""Request bodies and views of recoveries."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, StringConstraints, model_validator

from services.funding.participation.recoveries.tables import Recovery, RecoveryOutcome
from shared.views import Body, Money, View


class NewRecovery(Body):
    """How an overpayment, or a part of it, is closed: it was `recovered` elsewhere, or it is `written_off`."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "outcome": "recovered",
                "amount": {"pence": 8250, "currency": "GBP"},
                "reason": "Paid back by bank transfer on 3 December.",
            }
        }
    )

    outcome: RecoveryOutcome
    amount: Money
    reason: Annotated[str, StringConstraints(min_length=3, max_length=2000)]

    @model_validator(mode="after")
    def _check_amount(self) -> "NewRecovery":
        if self.amount.pence == 0:
            raise ValueError("name more than nothing")
        return self


class RecoveryView(View):
    """How a part of an overpayment was closed."""

    id: UUID
    entitlement_id: UUID
    outcome: RecoveryOutcome
    amount: Money
    reason: str
    created_at: datetime

    @classmethod
    def of(cls, recovery: Recovery) -> "RecoveryView":
        return cls(
            id=recovery.id,
            entitlement_id=recovery.entitlement_id,
            outcome=recovery.outcome,
            amount=Money(pence=recovery.pence),
            reason=recovery.reason,
            created_at=recovery.created_at,
        )
