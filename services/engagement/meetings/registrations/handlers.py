"""What the funding service says of the people who took part."""

from services.engagement.meetings.registrations import queries
from services.engagement.meetings.registrations.tables import Entitlement
from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.messaging.dispatcher import EventHandlers, PrerequisiteMissing
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EntitlementGranted)
async def show_entitlement_granted(granted: EntitlementGranted, uow: UnitOfWork) -> None:
    """The registration says that the person may be paid."""
    await _keep(granted, uow, withdrawn=False)


@consumer.on(EntitlementWithdrawn)
async def show_entitlement_withdrawn(taken: EntitlementWithdrawn, uow: UnitOfWork) -> None:
    """The registration says so no longer, unless another entitlement of it stands."""
    await _keep(taken, uow, withdrawn=True)


async def _keep(told: EntitlementGranted | EntitlementWithdrawn, uow: UnitOfWork, *, withdrawn: bool) -> None:
    registration = await queries.lock_any_registration(uow.session, told.registration_id)
    if registration is None:
        raise PrerequisiteMissing("engagement does not know this registration")
    sequence = uow.cause.sequence if uow.cause else 0
    known = await queries.entitlement(uow.session, told.entitlement_id)
    if known is None:
        uow.save(
            Entitlement(id=told.entitlement_id, registration_id=registration.id, withdrawn=withdrawn, heard=sequence)
        )
    elif known.heard < sequence:
        known.withdrawn, known.heard = withdrawn, sequence
    await uow.session.flush()
    registration.entitled = await queries.is_entitled(uow.session, registration.id)
