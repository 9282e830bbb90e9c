"""Events of the funding service about the entitlements of people who took part."""

from services.engagement.meetings.registrations import commands
from shared.events.contracts.funding import EntitlementGranted, EntitlementWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EntitlementGranted)
async def grant_entitlement(granted: EntitlementGranted, uow: UnitOfWork) -> None:
    """Show in the registration that the person may be paid."""
    await commands.update_entitlement(uow, granted.entitlement_id, granted.registration_id, withdrawn=False)


@consumer.on(EntitlementWithdrawn)
async def withdraw_entitlement(withdrawn: EntitlementWithdrawn, uow: UnitOfWork) -> None:
    """Show in the registration that the person may not be paid, unless another entitlement of it stands."""
    await commands.update_entitlement(uow, withdrawn.entitlement_id, withdrawn.registration_id, withdrawn=True)
