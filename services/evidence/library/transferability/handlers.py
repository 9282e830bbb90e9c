"""What becomes of judgements when their item goes. That nobody sees them any more does not wait for this."""

from services.evidence.library.transferability import queries
from shared.events.contracts.evidence import EvidenceWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidenceWithdrawn)
async def erase_judgements_of_item(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    for judgement_id in await queries.forget_all_of(uow.session, withdrawn.item_id):
        uow.record("removed", "TransferJudgement", judgement_id)
