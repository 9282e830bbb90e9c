"""What the funding service decides about an assembly's money."""

from uuid import UUID

from services.engagement.meetings.assemblies import queries, rules
from services.engagement.meetings.assemblies.tables import Assembly
from shared.events.contracts.funding import FundingRefused, FundingReserved
from shared.messaging.dispatcher import EventHandlers, PrerequisiteMissing
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(FundingReserved)
async def open_registration_for_money_reserved(reserved: FundingReserved, uow: UnitOfWork) -> None:
    """People may register now."""
    assembly = await _assembly(uow, reserved.assembly_id)
    if opened := rules.open_registration(assembly):
        uow.publish(opened)


@consumer.on(FundingRefused)
async def refuse_assembly_without_money(refused: FundingRefused, uow: UnitOfWork) -> None:
    """The assembly says why nobody can register."""
    rules.refuse(await _assembly(uow, refused.assembly_id), refused)


async def _assembly(uow: UnitOfWork, assembly_id: UUID) -> Assembly:
    try:
        return await queries.lock_assembly(uow.session, assembly_id)
    except queries.AssemblyNotFound as missing:
        raise PrerequisiteMissing("engagement does not know this assembly") from missing
