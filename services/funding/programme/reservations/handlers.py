"""An assembly was planned: set its money aside, or say why not."""

from services.funding.ledger.ledger import posting
from services.funding.programme.programme.queries import lock_scheme_by_code
from services.funding.programme.reservations import queries, rules
from shared.events.contracts.engagement import AssemblyPlanned
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(AssemblyPlanned)
async def reserve_money_for_assembly(planned: AssemblyPlanned, uow: UnitOfWork) -> None:
    """Under the scheme's row lock, so that two assemblies never get the same pound."""
    sequence = uow.cause.sequence if uow.cause else 1
    scheme = await lock_scheme_by_code(uow.session, planned.scheme)
    reservation = await queries.lock_reservation_of(uow.session, planned.assembly_id)
    if reservation is None:
        reservation = rules.planned(planned, sequence)
    elif rules.answered(reservation, sequence):
        return
    answer, postings = rules.decide(planned, sequence, reservation, scheme)
    uow.save(reservation)
    await posting.post(uow, *postings)
    uow.publish(answer, of=reservation)
