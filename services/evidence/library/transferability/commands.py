"""Judging an item for another place, changing and removing a judgement."""

from typing import Any
from uuid import UUID

from services.evidence.library.items.words.commands import check_not_taken_back
from services.evidence.library.items.words.rules import texts_by_pointer
from services.evidence.library.transferability import queries, rules
from services.evidence.library.transferability.criteria import NewTransferJudgement
from services.evidence.library.transferability.queries import JudgedItem, TransferRecord
from services.evidence.library.transferability.tables import TransferJudgement
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.http.merge_patch import merge_patch, parse_merged
from shared.persistence import idempotency
from shared.persistence.unit_of_work import UnitOfWork


async def add_judgement(uow: UnitOfWork, item_id: UUID, caller: Caller, body: NewTransferJudgement) -> TransferRecord:
    """Judge a published item for a place.

    Raises ItemNotFound, ItemWithdrawn, ItemStandsElsewhere, ItemNotShown, EditionNotJudged, NothingToAdapt, Invalid.
    """
    item = await queries.lock_published_item(uow.session, item_id, caller)
    judgement = TransferJudgement(item_id=item_id, **await _columns(uow, body, item))
    uow.save(judgement)
    return TransferRecord(judgement, item)


async def change_judgement(
    uow: UnitOfWork, item_id: UUID, judgement_id: UUID, caller: Caller, match: Match, patch: dict[str, Any]
) -> TransferRecord:
    """Apply a merge patch to a judgement. The ETag is of the item too: refused where that has changed meanwhile.

    Raises what `queries.lock_judgement` does, EditionNotJudged, NothingToAdapt, RequestValidationError.
    """
    record = await queries.lock_judgement(uow.session, item_id, judgement_id, caller)
    match.check(record)
    body = parse_merged(NewTransferJudgement.model_validate_json, merge_patch(_as_sent(record.judgement), patch))
    for name, value in (await _columns(uow, body, record.item)).items():
        setattr(record.judgement, name, value)
    record.judgement.updated_at = clock.now()
    return record


async def remove_judgement(uow: UnitOfWork, item_id: UUID, judgement_id: UUID, caller: Caller, match: Match) -> None:
    """Remove a judgement and erase its words. Raises what `queries.lock_judgement` does."""
    record = await queries.lock_judgement(uow.session, item_id, judgement_id, caller)
    match.check(record)
    await uow.remove(record.judgement)
    await idempotency.redact_responses(uow.session, judgement_id)


async def erase_judgements(uow: UnitOfWork, item_id: UUID) -> None:
    """Delete every judgement of an item."""
    for judgement_id in await queries.delete_judgements_of(uow.session, item_id):
        uow.record("removed", "TransferJudgement", judgement_id)


async def _columns(uow: UnitOfWork, body: NewTransferJudgement, item: JudgedItem) -> dict[str, Any]:
    """Return the columns of a judgement. Raises EditionNotJudged, NothingToAdapt, Invalid for words taken back."""
    edition = body.edition or item.edition
    rules.check_edition(edition, item.edition)
    rules.check_describes_adaptation(body.parts, body.adapted, body.needs)
    await check_not_taken_back(uow, texts_by_pointer(body.model_dump(mode="json")))
    return {
        **body.target.model_dump(),
        **body.model_dump(exclude={"target", "parts", "edition"}),
        "parts": body.parts.model_dump(mode="json", exclude_none=True),
        "edition": edition,
        "conclusion": rules.conclusion_of(body.parts),
    }


def _as_sent(judgement: TransferJudgement) -> dict[str, Any]:
    """Return the judgement as it was sent: what a patch applies to."""
    columns = judgement.model_dump(mode="json")
    target = {name: columns[name] for name in ("country", "setting", "service")}
    return {"target": target, **{name: columns[name] for name in NewTransferJudgement.model_fields if name != "target"}}
