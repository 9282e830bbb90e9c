"""Events that reserve money."""

from services.funding.programme.reservations import commands
from shared.events.contracts.engagement import AssemblyPlanned
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(AssemblyPlanned)
async def reserve_money_for_assembly(event: AssemblyPlanned, uow: UnitOfWork) -> None:
    """Reserve the expected cost of a planned assembly, or refuse it."""
    await commands.reserve_for_assembly(uow, event, sequence=uow.cause.sequence if uow.cause else 1)
