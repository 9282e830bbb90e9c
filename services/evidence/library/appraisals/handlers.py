"""What becomes of items, as it reaches their appraisals."""

from services.evidence.library.appraisals import queries, rules
from shared.events.contracts.evidence import EvidenceWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidenceWithdrawn)
async def erase_comments_for_withdrawal(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """What a person gave may be quoted in comments, which then go with it. Nobody sees the appraisal any more."""
    if await queries.way_of_knowing(uow.session, withdrawn.item_id) == "research":
        return
    appraisals = await queries.all_of_item(uow.session, withdrawn.item_id)
    judged = await queries.judgements(uow.session, [each.id for each in appraisals])
    for appraisal in appraisals:
        rules.silence(appraisal, judged.get(appraisal.id, ()))
