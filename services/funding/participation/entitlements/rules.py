"""What an attendance entitles a person to, and what a correction of it changes. Amounts are pence."""

from typing import Literal, NamedTuple
from uuid import UUID

from services.funding.participation.entitlements.tables import Entitlement
from services.funding.programme.rates import rules as rates
from services.funding.programme.rates.tables import RateCard
from shared.callers import Caller
from shared.events.contracts.engagement import AttendanceRecorded
from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.problems import Conflict, NotAllowed

Resolution = Literal["stands", "withdrawn"]


class NotInQuestion(Conflict):
    title = "This entitlement is not in question"
    detail = "There is nothing to decide: its attendance was not corrected after a claim, or this was decided before."


class OwnEntitlement(NotAllowed):
    title = "Someone else must decide this"
    detail = "Nobody decides on an entitlement of their own. Leave it to another funding officer."


class EntitlementWithdrawnAlready(Conflict):
    title = "This entitlement was withdrawn"
    detail = "The attendance was corrected: nothing can be claimed for it. Ask the centre if you did take part."


class EntitlementInQuestion(Conflict):
    title = "The attendance of this entitlement was corrected"
    detail = "A funding officer decides whether the entitlement stands. If it does, try again after that."


class MoreThanEntitled(Conflict):
    title = "This is more than the involvement payment for that day"
    detail = "Lower the involvement payment to what the entitlement has left. Claim other costs in separate lines."


class PaymentTerms(NamedTuple):
    """The rate card of an attendance's day, and the scheme that pays."""

    card: RateCard
    scheme_id: UUID


def grant(event: AttendanceRecorded, terms: PaymentTerms) -> tuple[Entitlement, EntitlementGranted]:
    """Grant an entitlement at the rate of the day on which the assembly was held."""
    entitlement = Entitlement(
        registration_id=event.registration_id,
        assembly_id=event.assembly_id,
        person_id=event.person_id,
        scheme_id=terms.scheme_id,
        rate_card_id=terms.card.id,
        held_on=event.held_on,
        minutes=event.minutes,
        pence=rates.involvement_pence(terms.card, event.minutes),
    )
    return entitlement, _granted(entitlement)


def correct(
    entitlement: Entitlement, event: AttendanceRecorded, card: RateCard | None
) -> EntitlementGranted | EntitlementWithdrawn | None:
    """Apply a corrected attendance. `card` is the rate card of its day, or None where the person did not attend.

    Before anything is claimed, the correction changes the entitlement. Afterwards it puts the entitlement in question,
    and a funding officer decides. Returns the event to publish, or None where nothing changed.
    """
    if card is None:
        if entitlement.submitted_claims:
            entitlement.in_question = True
            return None
        return _withdraw(entitlement) if entitlement.status == "granted" else None
    pence = rates.involvement_pence(card, event.minutes)
    unchanged = (entitlement.pence, entitlement.minutes, entitlement.held_on) == (pence, event.minutes, event.held_on)
    if entitlement.submitted_claims:
        entitlement.in_question = not unchanged
        return None
    if unchanged and entitlement.status == "granted":
        return None
    entitlement.pence, entitlement.minutes, entitlement.held_on = pence, event.minutes, event.held_on
    entitlement.rate_card_id = card.id
    entitlement.status, entitlement.in_question = "granted", False
    return _granted(entitlement)


def resolve(entitlement: Entitlement, resolution: Resolution, officer: Caller) -> EntitlementWithdrawn | None:
    """Apply a funding officer's decision on a corrected attendance. Raises OwnEntitlement, NotInQuestion.

    Returns the event to publish, or None where the entitlement stands.
    """
    if officer.id == entitlement.person_id:
        raise OwnEntitlement
    if not entitlement.in_question:
        raise NotInQuestion
    entitlement.in_question = False
    return _withdraw(entitlement) if resolution == "withdrawn" else None


def add_claim(entitlement: Entitlement, involvement_pence: int) -> None:
    """Count a submitted claim. Raises EntitlementWithdrawnAlready, EntitlementInQuestion, MoreThanEntitled."""
    require_valid(entitlement)
    remaining = entitlement.pence - entitlement.claimed_pence
    if involvement_pence > remaining:
        raise MoreThanEntitled(
            f"The involvement payment has £{remaining // 100}.{remaining % 100:02} left for that day. "
            "Lower it to that. Claim other costs in separate lines."
        )
    entitlement.claimed_pence += involvement_pence
    entitlement.submitted_claims += 1


def remove_claim(entitlement: Entitlement, involvement_pence: int) -> None:
    """Stop counting a claim that was refused or returned."""
    entitlement.claimed_pence -= involvement_pence
    entitlement.submitted_claims -= 1


def require_valid(entitlement: Entitlement) -> None:
    """Raise EntitlementWithdrawnAlready or EntitlementInQuestion where the entitlement is either."""
    require_not_withdrawn(entitlement)
    if entitlement.in_question:
        raise EntitlementInQuestion


def require_not_withdrawn(entitlement: Entitlement) -> None:
    """Raise EntitlementWithdrawnAlready where the entitlement was withdrawn."""
    if entitlement.status == "withdrawn":
        raise EntitlementWithdrawnAlready


def _withdraw(entitlement: Entitlement) -> EntitlementWithdrawn:
    entitlement.status = "withdrawn"
    return EntitlementWithdrawn(
        entitlement_id=entitlement.id,
        registration_id=entitlement.registration_id,
        assembly_id=entitlement.assembly_id,
        person_id=entitlement.person_id,
    )


def _granted(entitlement: Entitlement) -> EntitlementGranted:
    return EntitlementGranted(
        entitlement_id=entitlement.id,
        registration_id=entitlement.registration_id,
        assembly_id=entitlement.assembly_id,
        person_id=entitlement.person_id,
        pence=entitlement.pence,
    )
