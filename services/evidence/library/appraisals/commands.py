"""Opening an appraisal, judging, settling differences, and erasing comments."""

from collections.abc import Mapping
from uuid import UUID

from services.evidence.library.appraisals import queries, rules
from services.evidence.library.appraisals.queries import AppraisalRecord, AppraisedItem
from services.evidence.library.appraisals.tables import Answer, Appraisal
from shared import clock
from shared.events.contracts.evidence import EvidenceAppraised
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def open_appraisal(uow: UnitOfWork, item_id: UUID, instrument: str) -> AppraisalRecord:
    """Open an appraisal of the current edition of a published item.

    Raises ItemNotFound, ItemWithdrawn, ItemMerged, UnknownInstrument, InstrumentDoesNotFit, AppraisalExists.
    """
    item = await queries.lock_published_item(uow.session, item_id)
    appraisal = rules.open_appraisal(item_id, item.edition, instrument, item.way_of_knowing, item.details)
    if existing := await queries.same_appraisal(uow.session, appraisal):
        raise rules.AppraisalExists(appraisal_id=existing)
    uow.save(appraisal)
    return await queries.record_of(uow.session, item, appraisal)


async def submit_judgement(
    uow: UnitOfWork,
    item_id: UUID,
    appraisal_id: UUID,
    appraiser: UUID,
    answers: Mapping[str, Answer],
    comments: Mapping[str, str],
) -> AppraisalRecord:
    """Store the judgement of one appraiser. The second one resolves the appraisal, or shows where they differ.

    Raises ItemNotFound, ItemWithdrawn, ItemMerged, OwnEvidence, AppraisalNotFound, AlreadyJudged, TwoHaveJudged,
    Invalid.
    """
    item = await queries.lock_published_item(uow.session, item_id)
    rules.check_not_own(item, appraiser)
    appraisal = await queries.lock_appraisal(uow.session, item_id, appraisal_id)
    earlier = await queries.judgements_of(uow.session, appraisal_id)
    uow.save(rules.judge(appraisal, earlier, appraiser, answers, comments, clock.now()))
    _publish_resolution(uow, item, appraisal)
    return await queries.record_of(uow.session, item, appraisal)


async def resolve_appraisal(
    uow: UnitOfWork,
    item_id: UUID,
    appraisal_id: UUID,
    resolver: UUID,
    match: Match,
    answers: Mapping[str, Answer],
    reasons: Mapping[str, str],
) -> AppraisalRecord:
    """Settle the differences between two judgements: one of the two proposes, a third person decides.

    Raises what `_lock_unresolved` does, NothingToSettle, ProposalWaiting, Invalid.
    """
    record = await _lock_unresolved(uow, item_id, appraisal_id, resolver, match)
    rules.settle(record.appraisal, record.judgements, resolver, answers, reasons, clock.now())
    _publish_resolution(uow, record.item, record.appraisal)
    return record


async def accept_proposal(
    uow: UnitOfWork, item_id: UUID, appraisal_id: UUID, resolver: UUID, match: Match
) -> AppraisalRecord:
    """Resolve the appraisal as one of the two proposed.

    Raises what `_lock_unresolved` does, NoProposal, OwnProposal.
    """
    record = await _lock_unresolved(uow, item_id, appraisal_id, resolver, match)
    rules.accept(record.appraisal, resolver, clock.now())
    _publish_resolution(uow, record.item, record.appraisal)
    return record


async def decline_proposal(
    uow: UnitOfWork, item_id: UUID, appraisal_id: UUID, resolver: UUID, match: Match, because: str
) -> AppraisalRecord:
    """Decline what one of the two proposed. Raises what `_lock_unresolved` does, NoProposal, OwnProposal."""
    record = await _lock_unresolved(uow, item_id, appraisal_id, resolver, match)
    rules.decline(record.appraisal, resolver, because)
    return record


async def _lock_unresolved(
    uow: UnitOfWork, item_id: UUID, appraisal_id: UUID, resolver: UUID, match: Match
) -> AppraisalRecord:
    """Lock an appraisal for the decision of somebody who has read it as it is now.

    Raises ItemNotFound, ItemWithdrawn, ItemMerged, OwnEvidence, AppraisalNotFound, PreconditionRequired,
    PreconditionFailed.
    """
    item = await queries.lock_published_item(uow.session, item_id)
    rules.check_not_own(item, resolver)
    appraisal = await queries.lock_appraisal(uow.session, item_id, appraisal_id)
    record = await queries.record_of(uow.session, item, appraisal)
    match.check(record)
    return record


def _publish_resolution(uow: UnitOfWork, item: AppraisedItem, appraisal: Appraisal) -> None:
    """Publish `EvidenceAppraised` where the appraisal has become resolved. The item is locked."""
    if appraisal.status == "resolved":
        event = EvidenceAppraised(item_id=item.id, appraisal_id=appraisal.id, edition=appraisal.edition)
        uow.publish(event, sequence=item.version)


async def erase_comments(uow: UnitOfWork, item_id: UUID) -> None:
    """Erase the comments and reasons of an item's appraisals. Those on research stay: they quote no person."""
    if await queries.way_of_knowing(uow.session, item_id) == "research":
        return
    appraisals = await queries.lock_appraisals_of(uow.session, item_id)
    judgements = await queries.judgements(uow.session, [appraisal.id for appraisal in appraisals])
    for appraisal in appraisals:
        rules.erase_comments(appraisal, judgements.get(appraisal.id, ()))
