"""Changes of entitlements. All of a person's are locked together, after a claim's row and before a scheme's."""

from collections.abc import Sequence
from uuid import UUID

from services.funding.participation.entitlements import queries, rules
from services.funding.participation.entitlements.queries import EntitlementWithOthers
from services.funding.participation.entitlements.rules import ChangedEntitlement, PaymentTerms, Resolution
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.entitlements.terms import take_snapshot
from services.funding.programme.programme.queries import get_programme_years
from shared import clock
from shared.callers import Caller
from shared.events.contracts.engagement import AttendanceRecorded
from shared.http.etags import Match
from shared.messaging.dispatcher import PrerequisiteMissing
from shared.persistence.unit_of_work import UnitOfWork


async def apply_attendance(uow: UnitOfWork, event: AttendanceRecorded, *, sequence: int) -> None:
    """Grant an entitlement for an attendance, or correct it. `sequence` is the version of the attendance.

    An event that is older than the last applied one changes nothing. Raises PrerequisiteMissing until a funding officer
    has added the rate card or the scheme, and for a day on which the programme does not pay.
    """
    order = await queries.record_sequence(uow.session, event.registration_id, sequence)
    if event.recorded_by is not None:
        await queries.add_recorder(uow.session, event.registration_id, event.recorded_by)
    if order == "older":
        return
    terms = await _terms(uow, event) if event.attended else None
    entitlements = await queries.lock_entitlements_of_person(uow.session, event.person_id)
    cards = await queries.list_rate_cards_of(uow.session, entitlements)
    if terms is not None:
        cards[terms.card.id] = terms.card
    before = take_snapshot(entitlements)
    entitlement = next((row for row in entitlements if row.registration_id == event.registration_id), None)
    if entitlement is not None:
        rules.correct(entitlement, event, terms.card if terms else None, now=clock.now())
    elif terms is not None:
        entitlement = rules.grant(event, terms)
        entitlements.append(entitlement)
        uow.save(entitlement)
    _publish(uow, rules.reconcile(entitlements, cards, before))


async def resolve_entitlement(
    uow: UnitOfWork, entitlement_id: UUID, resolution: Resolution, officer: Caller, match: Match
) -> Entitlement:
    """Decide on an entitlement that is in question. Raises EntitlementNotFound, OwnEntitlement, NotInQuestion."""
    entitlement, of_person, cards = await queries.lock_entitlement_with_others(uow.session, entitlement_id)
    match.check(entitlement)
    before = take_snapshot(of_person)
    rules.resolve(entitlement, resolution, officer, now=clock.now())
    _publish(uow, rules.reconcile(of_person, cards, before))
    return entitlement


def follow_attendance(uow: UnitOfWork, locked: EntitlementWithOthers) -> None:
    """Let an entitlement in question follow its attendance, where nothing is claimed of it any more."""
    before = take_snapshot(locked.of_person)
    if rules.follow_attendance(locked.entitlement, now=clock.now()):
        _publish(uow, rules.reconcile(locked.of_person, locked.cards, before))


def _publish(uow: UnitOfWork, changes: Sequence[ChangedEntitlement]) -> None:
    for entitlement, event in changes:
        uow.publish(event, of=entitlement)


async def _terms(uow: UnitOfWork, event: AttendanceRecorded) -> PaymentTerms:
    card, scheme_id = await queries.find_card_and_scheme(uow.session, event.held_on, event.scheme)
    if card is None:
        raise PrerequisiteMissing(f"no rate card applies on {event.held_on}")
    if scheme_id is None:
        raise PrerequisiteMissing("there is no scheme with this code")
    if not (await get_programme_years(uow.session)).include(event.held_on):
        raise PrerequisiteMissing(f"the programme does not pay for {event.held_on}")
    return PaymentTerms(card, scheme_id)
