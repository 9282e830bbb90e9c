"""Events of the funding service about the entitlements of people who took part."""

from uuid import UUID

from services.engagement.meetings.registrations import commands
from services.engagement.meetings.registrations.queries import RegistrationNotFound
from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.messaging.dispatcher import EventHandlers, PrerequisiteMissing
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EntitlementGranted)
async def grant_entitlement(granted: EntitlementGranted, uow: UnitOfWork) -> None:
    """Show in the registration that the person may be paid."""
    await _update_entitlement(uow, granted.entitlement_id, granted.registration_id, withdrawn=False)


@consumer.on(EntitlementWithdrawn)
async def withdraw_entitlement(withdrawn: EntitlementWithdrawn, uow: UnitOfWork) -> None:
    """Show in the registration that the person may not be paid, unless it has another entitlement."""
    await _update_entitlement(uow, withdrawn.entitlement_id, withdrawn.registration_id, withdrawn=True)


async def _update_entitlement(uow: UnitOfWork, entitlement_id: UUID, registration_id: UUID, *, withdrawn: bool) -> None:
    try:
        await commands.update_entitlement(uow, entitlement_id, registration_id, withdrawn=withdrawn)
    except RegistrationNotFound as error:
        raise PrerequisiteMissing("engagement does not know this registration") from error
