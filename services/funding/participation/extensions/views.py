"""Request bodies and views of extensions."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from services.funding.participation.extensions.tables import ReservationExtension
from shared.views import Body, Money, View


class NewExtension(Body):
    """What is added to a reservation, and why."""

    amount: Money
    reason: Annotated[str, StringConstraints(min_length=3, max_length=2000)] = Field(
        examples=["More people needed an interpreter than was planned."]
    )

    @model_validator(mode="after")
    def _check_amount(self) -> "NewExtension":
        if self.amount.pence <= 0:
            raise ValueError("an extension is more than nothing")
        return self


class ExtensionView(View):
    """What an officer added to a reservation, and why."""

    id: UUID
    amount: Money
    reason: str
    extended_at: datetime

    @classmethod
    def of(cls, extension: ReservationExtension) -> "ExtensionView":
        return cls(
            id=extension.id,
            amount=Money(pence=extension.pence),
            reason=extension.reason,
            extended_at=extension.created_at,
        )
