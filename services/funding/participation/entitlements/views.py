"""Request bodies and views of entitlements."""

from datetime import date, datetime
from uuid import UUID

from services.funding.participation.entitlements.rules import Resolution
from services.funding.participation.entitlements.tables import Entitlement, EntitlementStatus
from shared.views import Body, Money, View


class EntitlementView(View):
    """The involvement payment for one attendance. `remaining` is what no submitted claim asks for."""

    id: UUID
    assembly_id: UUID
    registration_id: UUID
    held_on: date
    minutes: int
    amount: Money
    remaining: Money
    status: EntitlementStatus
    in_question: bool
    rate_card_id: UUID
    created_at: datetime

    @classmethod
    def of(cls, entitlement: Entitlement) -> "EntitlementView":
        return cls(
            id=entitlement.id,
            assembly_id=entitlement.assembly_id,
            registration_id=entitlement.registration_id,
            held_on=entitlement.held_on,
            minutes=entitlement.minutes,
            amount=Money(pence=entitlement.pence),
            remaining=Money(pence=entitlement.pence - entitlement.claimed_pence),
            status=entitlement.status,
            in_question=entitlement.in_question,
            rate_card_id=entitlement.rate_card_id,
            created_at=entitlement.created_at,
        )


class NewResolution(Body):
    """Whether an entitlement stands although its attendance was corrected."""

    resolution: Resolution
