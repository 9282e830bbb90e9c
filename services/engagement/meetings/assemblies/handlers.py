"""Events of the funding service about the money of an assembly."""

from services.engagement.meetings.assemblies import commands
from services.engagement.meetings.assemblies.queries import AssemblyNotFound
from shared.events.contracts.funding import FundingRefused, FundingReserved
from shared.messaging.dispatcher import EventHandlers, PrerequisiteMissing
from shared.persistence.unit_of_work import UnitOfWork

UNKNOWN_ASSEMBLY = "engagement does not know this assembly"

consumer = EventHandlers()


@consumer.on(FundingReserved)
async def open_registration(reserved: FundingReserved, uow: UnitOfWork) -> None:
    """Let people register."""
    try:
        await commands.open_registration(uow, reserved.assembly_id)
    except AssemblyNotFound as error:
        raise PrerequisiteMissing(UNKNOWN_ASSEMBLY) from error


@consumer.on(FundingRefused)
async def refuse_assembly(refused: FundingRefused, uow: UnitOfWork) -> None:
    """Show why nobody can register."""
    try:
        await commands.refuse_assembly(uow, refused)
    except AssemblyNotFound as error:
        raise PrerequisiteMissing(UNKNOWN_ASSEMBLY) from error
