"""The request body of a resolution."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from services.funding.payments.outcomes import rules
from shared.views import Body, Day


class PaymentResolution(Body):
    """What became of payments that are pending or in doubt, as a person learned from the bank."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "outcome": "paid",
                "on": "2026-11-30",
                "reason": "Seen on the account's statement of 30 November, page 2.",
            }
        }
    )

    payments: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="The payments' ids. Without them: all that are pending."
    )
    outcome: rules.Resolution
    on: Day | None = Field(default=None, description="The bank's day of the payment, for `paid` only.")
    reason: Annotated[str, StringConstraints(min_length=3, max_length=2000)] = Field(
        description="How it is known. The person whose claim it is reads it, too."
    )
