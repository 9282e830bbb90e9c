"""Request bodies and views of entitlements."""

from datetime import date, datetime
from uuid import UUID

from services.funding.participation.entitlements.rules import Resolution
from services.funding.participation.entitlements.tables import Entitlement, EntitlementStatus
from services.funding.participation.entitlements.terms import explain, recorded_terms
from shared.views import Body, Money, View


class AttendanceView(View):
    """What an attendance says by now, and the involvement payment for that."""

    held_on: date
    minutes: int
    amount: Money

    @classmethod
    def of(cls, entitlement: Entitlement) -> "AttendanceView | None":
        terms = recorded_terms(entitlement)
        return terms and cls(held_on=terms.held_on, minutes=terms.minutes, amount=Money(pence=terms.pence))


class EntitlementView(View):
    """The involvement payment for one attendance. `remaining` is what no submitted claim asks for.

    `attendance` is what the attendance says by now, null where the person did not take part. `overpaid` is what was
    paid beyond the entitlement and is neither recovered nor written off. `explanation` says in plain words what is
    special about the entitlement and what happens next.
    """

    id: UUID
    assembly_id: UUID
    registration_id: UUID
    held_on: date
    minutes: int
    amount: Money
    remaining: Money
    claimed: Money
    paid: Money
    overpaid: Money
    attendance: AttendanceView | None
    status: EntitlementStatus
    in_question: bool
    explanation: str | None
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
            remaining=Money(pence=entitlement.remaining_pence),
            claimed=Money(pence=entitlement.claimed_pence),
            paid=Money(pence=entitlement.paid_pence - entitlement.recovered_pence),
            overpaid=Money(pence=entitlement.overpaid_pence),
            attendance=AttendanceView.of(entitlement),
            status=entitlement.status,
            in_question=entitlement.in_question,
            explanation=explain(entitlement),
            rate_card_id=entitlement.rate_card_id,
            created_at=entitlement.created_at,
        )


class NewResolution(Body):
    """`stands`: the entitlement stays although its attendance was corrected. `corrected`: it follows the attendance."""

    resolution: Resolution
