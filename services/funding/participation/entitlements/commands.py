"""Changes of entitlements."""

from uuid import UUID

from services.funding.participation.entitlements import queries, rules
from services.funding.participation.entitlements.rules import PaymentTerms, Resolution
from services.funding.participation.entitlements.tables import Entitlement
from shared.callers import Caller
from shared.events.contracts.engagement import AttendanceRecorded
from shared.http.etags import Match
from shared.messaging.dispatcher import PrerequisiteMissing
from shared.persistence.unit_of_work import UnitOfWork


async def apply_attendance(uow: UnitOfWork, event: AttendanceRecorded, *, sequence: int) -> None:
    """Grant an entitlement for an attendance, or correct it. `sequence` is the version of the attendance.

    An event that is older than the last applied one changes nothing. Raises PrerequisiteMissing until a funding officer
    has added the rate card or the scheme.
    """
    order = await queries.record_sequence(uow.session, event.registration_id, sequence)
    if event.recorded_by is not None:
        await queries.add_recorder(uow.session, event.registration_id, event.recorded_by)
    if order == "older":
        return
    terms = await _terms(uow, event) if event.attended else None
    if order == "later":
        entitlement = await queries.lock_entitlement_of_registration(uow.session, event.registration_id)
        if entitlement is not None:
            if correction := rules.correct(entitlement, event, terms.card if terms else None):
                uow.publish(correction, of=entitlement)
            return
    if terms is not None:
        entitlement, granted = rules.grant(event, terms)
        uow.save(entitlement)
        uow.publish(granted, of=entitlement)


async def resolve_entitlement(
    uow: UnitOfWork, entitlement_id: UUID, resolution: Resolution, officer: Caller, match: Match
) -> Entitlement:
    """Decide on an entitlement that is in question. Raises EntitlementNotFound, OwnEntitlement, NotInQuestion."""
    entitlement = await queries.lock_entitlement(uow.session, entitlement_id)
    match.check(entitlement)
    if withdrawn := rules.resolve(entitlement, resolution, officer):
        uow.publish(withdrawn, of=entitlement)
    return entitlement


async def _terms(uow: UnitOfWork, event: AttendanceRecorded) -> PaymentTerms:
    card, scheme_id = await queries.find_card_and_scheme(uow.session, event.held_on, event.scheme)
    if card is None:
        raise PrerequisiteMissing(f"no rate card applies on {event.held_on}")
    if scheme_id is None:
        raise PrerequisiteMissing("there is no scheme with this code")
    return PaymentTerms(card, scheme_id)
