"""What an attendance entitles a person to, and what a correction of it changes. Amounts are pence."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from services.funding.participation.entitlements.overlaps import granted_order, payment_beside
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.entitlements.terms import (
    Snapshot,
    Terms,
    granted_terms,
    pounds,
    recorded_terms,
    recount_overpaid,
)
from services.funding.programme.rates import rules as rates
from services.funding.programme.rates.tables import RateCard
from shared.callers import Caller
from shared.events.contracts.engagement import AttendanceRecorded
from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.problems import Conflict, NotAllowed

Resolution = Literal["stands", "corrected"]


class NotInQuestion(Conflict):
    title = "This entitlement is not in question"
    detail = "There is nothing to decide: its attendance was not corrected after a claim, or this was decided before."


class OwnEntitlement(NotAllowed):
    title = "Someone else must decide this"
    detail = "Nobody decides on an entitlement of their own. Leave it to another funding officer."


class EntitlementWithdrawnAlready(Conflict):
    title = "This entitlement was withdrawn"
    detail = (
        "The attendance was corrected: nothing can be claimed or paid for it. Whoever did take part asks the centre to "
        "correct it once more. An approver returns or refuses what was claimed."
    )


class EntitlementInQuestion(Conflict):
    title = "The attendance of this entitlement was corrected"
    detail = (
        "A funding officer decides what follows (POST /v1/entitlements/{id}/resolve). Nobody else has to do anything. "
        "Try again after that."
    )


class MoreThanEntitled(Conflict):
    title = "This is more than the involvement payment for that day"
    detail = "Lower the involvement payment to what the entitlement has left. Claim other costs in separate lines."


class ClaimsExceedEntitlement(Conflict):
    title = "The claims ask for more than the entitlement says"
    detail = (
        "The attendance was corrected after the claim. Return the claim to its person, who can lower the involvement "
        "payment and submit it again."
    )


class ChangedEntitlement(NamedTuple):
    """An entitlement that was granted, changed or withdrawn, and the event that says so."""

    entitlement: Entitlement
    event: EntitlementGranted | EntitlementWithdrawn


class PaymentTerms(NamedTuple):
    """The rate card of an attendance's day, and the scheme that pays."""

    card: RateCard
    scheme_id: UUID


def grant(event: AttendanceRecorded, terms: PaymentTerms) -> Entitlement:
    """Return an entitlement at the rate of the day on which the assembly was held, before overlaps are considered."""
    entitlement = Entitlement(
        registration_id=event.registration_id,
        assembly_id=event.assembly_id,
        person_id=event.person_id,
        scheme_id=terms.scheme_id,
        rate_card_id=terms.card.id,
        held_on=event.held_on,
        starts_at=event.starts_at,
        minutes=event.minutes,
        pence=0,
    )
    _record(entitlement, event, terms.card)
    return entitlement


def correct(entitlement: Entitlement, event: AttendanceRecorded, card: RateCard | None, *, now: datetime) -> None:
    """Record a corrected attendance. `card` is the rate card of its day, or None where the person did not attend.

    `reconcile` then says what follows from it. What nothing is claimed of, or was withdrawn, has the new time at once.
    """
    before = (entitlement.minutes, entitlement.held_on)
    if _record(entitlement, event, card) and (
        _follows(entitlement) or before == (entitlement.attendance_minutes, entitlement.attendance_held_on)
    ):
        _take_facts(entitlement, now)


def reconcile(
    entitlements: Collection[Entitlement], cards: Mapping[UUID, RateCard], before: Mapping[UUID, Snapshot]
) -> list[ChangedEntitlement]:
    """Bring all entitlements of one person up to date with their attendances. Returns the events to publish.

    Attendances that overlap are one meeting: together they are paid what one of that length is paid, in the order in
    which they were granted, so that a later one adds what is missing, which may be nothing.

    What nothing is claimed of follows its attendance, and so does what was withdrawn, since nobody can lose by it.
    Where something is claimed, other terms put the entitlement in question, and the granted ones end the question.
    """
    for entitlement in sorted(entitlements, key=granted_order):
        if entitlement.attendance_rate_card_id is not None:
            card = cards[entitlement.attendance_rate_card_id]
            entitlement.attendance_pence, entitlement.overlaps = payment_beside(entitlement, entitlements, card)
        recorded, snapshot = recorded_terms(entitlement), before.get(entitlement.id)
        if recorded == granted_terms(entitlement):
            entitlement.in_question = False
        elif snapshot is None or snapshot.granted is None:
            _take_terms(entitlement)
        elif recorded != snapshot.recorded or entitlement.in_question:
            if entitlement.submitted_claims:
                entitlement.in_question = True
            else:
                _take_terms(entitlement)
        recount_overpaid(entitlement)
    return [
        ChangedEntitlement(
            entitlement, _granted(entitlement) if entitlement.status == "granted" else _withdrawn(entitlement)
        )
        for entitlement in entitlements
        if _is_news(before.get(entitlement.id), granted_terms(entitlement))
    ]


def resolve(entitlement: Entitlement, resolution: Resolution, officer: Caller, *, now: datetime) -> None:
    """Apply a funding officer's decision on a corrected attendance. Raises OwnEntitlement, NotInQuestion.

    `stands`: the granted terms stay in spite of the attendance, until that is corrected once more. `corrected`: the
    entitlement follows the attendance, to less, more or nothing. `reconcile` then says what else follows.
    """
    if officer.id == entitlement.person_id:
        raise OwnEntitlement
    if not entitlement.in_question:
        raise NotInQuestion
    entitlement.in_question = False
    if resolution == "corrected":
        _take_facts(entitlement, now)
        _take_terms(entitlement)


def follow_attendance(entitlement: Entitlement, *, now: datetime) -> bool:
    """Let an entitlement in question follow its attendance once nothing is claimed of it. Returns whether it does."""
    if not entitlement.in_question or not _follows(entitlement):
        return False
    _take_facts(entitlement, now)
    return True


def _record(entitlement: Entitlement, event: AttendanceRecorded, card: RateCard | None) -> bool:
    """Write down what the attendance says. Returns whether that is new."""
    before = (
        entitlement.attendance_minutes,
        entitlement.attendance_held_on,
        entitlement.attendance_starts_at,
        entitlement.attendance_rate_card_id,
    )
    facts = (event.minutes, event.held_on, event.starts_at, card.id) if card else (None, None, None, None)
    (
        entitlement.attendance_minutes,
        entitlement.attendance_held_on,
        entitlement.attendance_starts_at,
        entitlement.attendance_rate_card_id,
    ) = facts
    if card is None:
        entitlement.attendance_pence, entitlement.overlaps = None, False
    elif entitlement.attendance_pence is None:
        entitlement.attendance_pence = rates.involvement_pence(card, event.minutes)
    return facts != before


def _follows(entitlement: Entitlement) -> bool:
    return entitlement.submitted_claims == 0 or entitlement.status == "withdrawn"


def _take_facts(entitlement: Entitlement, now: datetime) -> None:
    """Grant the day and time of the attendance, or withdraw. What is granted anew comes after what overlaps with it."""
    if entitlement.attendance_rate_card_id is None:
        entitlement.status = "withdrawn"
        return
    if entitlement.status == "withdrawn":
        entitlement.status, entitlement.granted_at = "granted", now
    entitlement.rate_card_id = entitlement.attendance_rate_card_id
    entitlement.held_on = entitlement.attendance_held_on or entitlement.held_on
    entitlement.starts_at = entitlement.attendance_starts_at
    entitlement.minutes = entitlement.attendance_minutes or 0


def _take_terms(entitlement: Entitlement) -> None:
    """Grant what the attendance says. Its day and time were granted by `_take_facts`."""
    entitlement.in_question = False
    if entitlement.attendance_pence is not None:
        entitlement.pence = entitlement.attendance_pence
        entitlement.highest_pence = max(entitlement.highest_pence, entitlement.pence)


def _is_news(snapshot: Snapshot | None, granted: Terms | None) -> bool:
    return granted is not None if snapshot is None else granted != snapshot.granted


def add_claim(entitlement: Entitlement, involvement_pence: int) -> None:
    """Count a submitted claim. Raises EntitlementWithdrawnAlready, EntitlementInQuestion, MoreThanEntitled."""
    require_valid(entitlement)
    remaining = entitlement.remaining_pence
    if involvement_pence > remaining:
        left = (
            f"The involvement payment has {pounds(remaining)} left for that day. Lower it to that."
            if remaining
            else "Nothing is left of the involvement payment for that day. Leave it out of this claim."
        )
        raise MoreThanEntitled(f"{left} Claim other costs in separate lines.")
    entitlement.claimed_pence += involvement_pence
    entitlement.submitted_claims += 1


def remove_claim(entitlement: Entitlement, involvement_pence: int) -> None:
    """Stop counting a claim that was refused or returned."""
    entitlement.claimed_pence -= involvement_pence
    entitlement.submitted_claims -= 1


def require_payable(entitlement: Entitlement, involvement_pence: int) -> None:
    """Raise where a claim for this involvement payment must not be paid now.

    Raises EntitlementWithdrawnAlready, EntitlementInQuestion, and ClaimsExceedEntitlement where claims ask for more
    than a corrected entitlement says; other costs alone are paid all the same.
    """
    require_valid(entitlement)
    if involvement_pence and entitlement.claimed_pence > entitlement.pence:
        raise ClaimsExceedEntitlement


def require_valid(entitlement: Entitlement) -> None:
    """Raise EntitlementWithdrawnAlready or EntitlementInQuestion where the entitlement is either."""
    require_not_withdrawn(entitlement)
    if entitlement.in_question:
        raise EntitlementInQuestion


def require_not_withdrawn(entitlement: Entitlement) -> None:
    """Raise EntitlementWithdrawnAlready where the entitlement was withdrawn."""
    if entitlement.status == "withdrawn":
        raise EntitlementWithdrawnAlready


def _withdrawn(entitlement: Entitlement) -> EntitlementWithdrawn:
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
