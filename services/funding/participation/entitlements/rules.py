"""What an attendance entitles to, and what a correction changes. Amounts are pence."""

from typing import Literal
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
    detail = "There is nothing to decide: its attendance was not corrected after a claim."


class OwnEntitlement(NotAllowed):
    title = "Someone else must decide this"
    detail = "Nobody decides on an entitlement of their own. Leave it to another funding officer."


class EntitlementWithdrawnAlready(Conflict):
    title = "This entitlement was withdrawn"
    detail = "The attendance was corrected: nothing can be claimed for it. Ask the centre if you did take part."


class EntitlementInQuestion(Conflict):
    title = "The attendance behind this was corrected"
    detail = "A funding officer is looking at it. It goes on as soon as they say that the entitlement stands."


class MoreThanEntitled(Conflict):
    title = "This is more than the involvement payment for that day"
    detail = "Lower the involvement payment to what the entitlement has left. Other costs have lines of their own."


def grant(attended: AttendanceRecorded, card: RateCard, scheme_id: UUID) -> tuple[Entitlement, EntitlementGranted]:
    """Whoever took part may be paid, at the rate of the day on which it was held."""
    entitlement = Entitlement(
        registration_id=attended.registration_id,
        assembly_id=attended.assembly_id,
        person_id=attended.person_id,
        scheme_id=scheme_id,
        rate_card_id=card.id,
        held_on=attended.held_on,
        minutes=attended.minutes,
        pence=rates.involvement_pence(card, attended.minutes),
    )
    return entitlement, _granted(entitlement)


def correct(
    entitlement: Entitlement, heard: AttendanceRecorded, card: RateCard | None
) -> EntitlementGranted | EntitlementWithdrawn | None:
    """A later word on an attendance; `card` is the day's, where the person did attend.

    Once something is claimed, only a funding officer decides; before, the later word simply holds.
    """
    if card is None:
        if entitlement.submitted_claims:
            entitlement.in_question = True
            return None
        return _withdraw(entitlement) if entitlement.status == "granted" else None
    pence = rates.involvement_pence(card, heard.minutes)
    unchanged = (entitlement.pence, entitlement.minutes, entitlement.held_on) == (pence, heard.minutes, heard.held_on)
    if entitlement.submitted_claims:
        entitlement.in_question = not unchanged
        return None
    if unchanged and entitlement.status == "granted":
        return None
    entitlement.pence, entitlement.minutes, entitlement.held_on = pence, heard.minutes, heard.held_on
    entitlement.rate_card_id = card.id
    entitlement.status, entitlement.in_question = "granted", False
    return _granted(entitlement)


def resolve(entitlement: Entitlement, resolution: Resolution, officer: Caller) -> EntitlementWithdrawn | None:
    """The funding officer's word on a corrected attendance. Raises OwnEntitlement or NotInQuestion."""
    if officer.id == entitlement.person_id:
        raise OwnEntitlement
    if not entitlement.in_question:
        raise NotInQuestion
    entitlement.in_question = False
    return _withdraw(entitlement) if resolution == "withdrawn" else None


def claim(entitlement: Entitlement, involvement_pence: int) -> None:
    """Count a submitted claim. Raises EntitlementWithdrawnAlready, EntitlementInQuestion or MoreThanEntitled."""
    require_standing(entitlement)
    left = entitlement.pence - entitlement.claimed_pence
    if involvement_pence > left:
        raise MoreThanEntitled(
            f"The involvement payment has £{left // 100}.{left % 100:02} left for that day. "
            "Lower it to that; other costs have lines of their own."
        )
    entitlement.claimed_pence += involvement_pence
    entitlement.submitted_claims += 1


def unclaim(entitlement: Entitlement, involvement_pence: int) -> None:
    """A claim was refused or returned."""
    entitlement.claimed_pence -= involvement_pence
    entitlement.submitted_claims -= 1


def require_standing(entitlement: Entitlement) -> None:
    """Raises EntitlementWithdrawnAlready or EntitlementInQuestion."""
    if entitlement.status == "withdrawn":
        raise EntitlementWithdrawnAlready
    if entitlement.in_question:
        raise EntitlementInQuestion


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
