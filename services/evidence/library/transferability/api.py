"""Transferability over HTTP: judge an item for a place, read how others judged it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Body, Response
from sqlmodel import col

from services.evidence.callers import Anyone, EditorOrFacilitator
from services.evidence.library.items.queries import ItemNotFound
from services.evidence.library.items.rules import ItemMerged, ItemWithdrawn, MergedItemIsReadOnly
from services.evidence.library.items.views import cache_policy
from services.evidence.library.place_filters import TargetCountryFilter
from services.evidence.library.transferability import commands, queries, rules
from services.evidence.library.transferability.criteria import NewTransferJudgement
from services.evidence.library.transferability.queries import TransferRecord
from services.evidence.library.transferability.tables import TransferJudgement
from services.evidence.library.transferability.views import (
    TransferCriteriaView,
    TransferView,
    criteria_view,
    transfer_view,
)
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/evidence", "Transferability")

TransferPatch = Annotated[
    dict[str, Any],
    Body(media_type="application/merge-patch+json", description="RFC 7396: only what changes; null removes."),
]
ITEM_PROBLEMS = (ItemNotFound, ItemWithdrawn)
BODY_PROBLEMS = (MergedItemIsReadOnly, rules.ItemNotShown, rules.EditionNotJudged, rules.NothingToAdapt, Invalid)
MISSING_PROBLEMS = (queries.TransferJudgementNotFound, queries.TransferJudgementRemoved)
PRECONDITION_PROBLEMS = (PreconditionFailed, PreconditionRequired)


@router.get("/transferability/criteria", response_model=TransferCriteriaView)
async def list_transfer_criteria(_caller: Anyone) -> TransferCriteriaView:
    """List the questions by which an item is judged for a place, in their four parts (PIET-T)."""
    return criteria_view()


@router.get(
    "/{item_id}/transferability", response_model=Page[TransferView], responses=documented(*ITEM_PROBLEMS, ItemMerged)
)
async def list_transfer_judgements(
    item_id: UUID,
    caller: Anyone,
    session: Reading,
    paging: Paging,
    country: TargetCountryFilter = None,
) -> Page[TransferView]:
    """List for which places the item was judged, and what it would need there."""
    item = await queries.visible_item(session, item_id, caller)
    cache_policy(caller).set_on(paging.response)
    statement = queries.judgements_of(item_id, country)
    page = await paginate(session, statement, paging, key=(col(TransferJudgement.id),), view=_unchanged)
    own = await queries.judged_by(session, [judgement.id for judgement in page.items], caller)
    views = [transfer_view(TransferRecord(judgement, item), own=judgement.id in own) for judgement in page.items]
    return Page(items=views, next=page.next, total=page.total)


@router.post(
    "/{item_id}/transferability",
    status_code=201,
    response_model=TransferView,
    responses=documented(*ITEM_PROBLEMS, *BODY_PROBLEMS),
)
async def create_transfer_judgement(
    item_id: UUID, body: NewTransferJudgement, caller: EditorOrFacilitator, uow: Transaction, response: Response
) -> TransferView:
    """Judge a published item for a place: population, intervention, environment, transfer (PIET-T)."""
    record = await commands.add_judgement(uow, item_id, caller, body)
    location = f"/v1/evidence/{item_id}/transferability/{record.judgement.id}"
    return transfer_view(await flush_and_tag(uow, response, record, location=location), own=True)


@router.get(
    "/{item_id}/transferability/{judgement_id}",
    response_model=TransferView,
    responses=documented(*ITEM_PROBLEMS, ItemMerged, *MISSING_PROBLEMS),
)
async def get_transfer_judgement(
    item_id: UUID, judgement_id: UUID, caller: Anyone, session: Reading, response: Response
) -> TransferView:
    """Return one judgement, with the conclusion by the rule. Its ETag also changes when the item does."""
    record = await queries.visible_judgement(session, item_id, judgement_id, caller)
    cache_policy(caller).set_on(response)
    set_etag(response, record)
    return transfer_view(record, own=bool(await queries.judged_by(session, [judgement_id], caller)))


@router.patch(
    "/{item_id}/transferability/{judgement_id}",
    response_model=TransferView,
    responses=documented(
        *ITEM_PROBLEMS, *BODY_PROBLEMS, *MISSING_PROBLEMS, rules.JudgedByAnother, *PRECONDITION_PROBLEMS
    ),
)
async def update_transfer_judgement(
    item_id: UUID,
    judgement_id: UUID,
    patch: TransferPatch,
    match: IfMatch,
    caller: EditorOrFacilitator,
    uow: Transaction,
    response: Response,
) -> TransferView:
    """Change your own judgement, or any as an editor. Refused where the item has changed since you read it."""
    record = await commands.change_judgement(uow, item_id, judgement_id, caller, match, patch)
    own = bool(await queries.judged_by(uow.session, [judgement_id], caller))
    return transfer_view(await flush_and_tag(uow, response, record), own=own)


@router.delete(
    "/{item_id}/transferability/{judgement_id}",
    status_code=204,
    responses=documented(
        *ITEM_PROBLEMS,
        MergedItemIsReadOnly,
        rules.ItemNotShown,
        *MISSING_PROBLEMS,
        rules.JudgedByAnother,
        *PRECONDITION_PROBLEMS,
    ),
)
async def delete_transfer_judgement(
    item_id: UUID, judgement_id: UUID, match: IfMatch, caller: EditorOrFacilitator, uow: Transaction
) -> None:
    """Remove your own judgement, or any as an editor. Its words are erased."""
    await commands.remove_judgement(uow, item_id, judgement_id, caller, match)


def _unchanged(judgement: TransferJudgement) -> TransferJudgement:
    return judgement
