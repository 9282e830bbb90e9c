"""Attendance was recorded, or corrected: grant, change, withdraw or question the entitlement."""

from uuid import UUID

from services.funding.participation.entitlements import queries, rules
from services.funding.programme.rates.tables import RateCard
from shared.events.contracts.engagement import AttendanceRecorded
from shared.messaging.dispatcher import EventHandlers, PrerequisiteMissing
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(AttendanceRecorded)
async def grant_entitlement_for_attendance(attended: AttendanceRecorded, uow: UnitOfWork) -> None:
    """Whoever took part may be paid, at the rate of that day; an older word than the last changes nothing."""
    sequence = uow.cause.sequence if uow.cause else 1
    heard = await queries.note_attendance(uow.session, attended.registration_id, sequence)
    if heard == "older":
        return
    terms = await _terms(attended, uow) if attended.attended else None
    if heard == "later":
        entitlement = await queries.lock_entitlement_of(uow.session, attended.registration_id)
        if entitlement is not None:
            if corrected := rules.correct(entitlement, attended, terms[0] if terms else None):
                uow.publish(corrected, of=entitlement)
            return
    if terms is not None:
        entitlement, granted = rules.grant(attended, *terms)
        uow.save(entitlement)
        uow.publish(granted, of=entitlement)


async def _terms(attended: AttendanceRecorded, uow: UnitOfWork) -> tuple[RateCard, UUID]:
    """Return the day's card and the scheme. Raises PrerequisiteMissing until a funding officer adds them."""
    card, scheme_id = await queries.terms_of(uow.session, attended.held_on, attended.scheme)
    if card is None:
        raise PrerequisiteMissing(f"no rate card holds on {attended.held_on}")
    if scheme_id is None:
        raise PrerequisiteMissing("there is no scheme of this code")
    return card, scheme_id
