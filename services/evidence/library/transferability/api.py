"""Transferability over HTTP: judge an item for a place, read what others judged."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Body, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlmodel import col

from services.evidence.callers import Anyone, EditorOrFacilitator
from services.evidence.library.items.problems import ItemMerged, ItemNotFound, ItemStandsElsewhere, ItemWithdrawn
from services.evidence.library.items.queries import item
from services.evidence.library.items.rules import check_may_see
from services.evidence.library.items.views import kept_by
from services.evidence.library.transferability import queries, rules, views
from services.evidence.library.transferability.tables import TransferJudgement
from shared import clock
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.merge_patch import merge_patch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence import idempotency
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/evidence", "transferability")

Patch = Annotated[
    dict[str, Any],
    Body(media_type="application/merge-patch+json", description="RFC 7396: only what changes; null removes."),
]
GONE = (ItemNotFound, ItemWithdrawn)
UNFIT = (ItemStandsElsewhere, rules.ItemNotShown, rules.EditionNotJudged, rules.NothingToAdapt, Invalid)
MISSING = (rules.TransferJudgementNotFound, rules.TransferJudgementRemoved)
STALE = (PreconditionFailed, PreconditionRequired)


@dataclass(frozen=True, slots=True)
class Tagged:
    """Changes with the judgement and with its item."""

    version: int

    @classmethod
    def of(cls, row: TransferJudgement, about: Any) -> "Tagged":
        return cls((row.version << 32) | about.version)


@router.get(
    "/{item_id}/transferability", response_model=Page[views.TransferView], responses=documented(*GONE, ItemMerged)
)
async def list_judgements(
    item_id: UUID,
    caller: Anyone,
    session: Reading,
    paging: Paging,
    country: Annotated[
        str | None,
        Query(
            pattern=r"^[A-Z]{2}(-[A-Z]{3})?$",
            description="For a place in this country; `GB` stands for its nations too.",
        ),
    ] = None,
) -> Page[views.TransferView]:
    """For which places the item was judged, and what it would need there."""
    about = await item(session, item_id)
    check_may_see(caller, about)
    paging.response.headers.update(kept_by(caller))
    found = queries.judgements_of(item_id, country)
    key = (col(TransferJudgement.id),)
    return await paginate(session, found, paging, key=key, view=lambda row: views.view(row, about))


@router.post(
    "/{item_id}/transferability",
    status_code=201,
    response_model=views.TransferView,
    responses=documented(*GONE, *UNFIT),
)
async def add_judgement(
    item_id: UUID, judged: views.NewTransferJudgement, caller: EditorOrFacilitator, uow: Transaction, response: Response
) -> views.TransferView:
    """Judge a published item for a place: population, intervention, environment, transfer (PIET-T)."""
    about = await queries.held_item(uow.session, caller, item_id)
    row = TransferJudgement(item_id=item_id, **_fit(judged, about))
    uow.save(row)
    await uow.session.flush()
    response.headers["Location"] = f"/v1/evidence/{item_id}/transferability/{row.id}"
    set_etag(response, Tagged.of(row, about))
    return views.view(row, about)


@router.get(
    "/{item_id}/transferability/{judgement_id}",
    response_model=views.TransferView,
    responses=documented(*GONE, ItemMerged, *MISSING),
)
async def get_judgement(
    item_id: UUID, judgement_id: UUID, caller: Anyone, session: Reading, response: Response
) -> views.TransferView:
    """One judgement, with what follows from it by the rule. Its ETag changes also when the item does."""
    about = await item(session, item_id)
    check_may_see(caller, about)
    row = await queries.judgement(session, item_id, judgement_id)
    response.headers.update(kept_by(caller))
    set_etag(response, Tagged.of(row, about))
    return views.view(row, about)


@router.patch(
    "/{item_id}/transferability/{judgement_id}",
    response_model=views.TransferView,
    responses=documented(*GONE, *UNFIT, *MISSING, rules.JudgedByAnother, *STALE),
)
async def change_judgement(
    item_id: UUID,
    judgement_id: UUID,
    patch: Patch,
    match: IfMatch,
    caller: EditorOrFacilitator,
    uow: Transaction,
    response: Response,
) -> views.TransferView:
    """Judge anew what you judged, or as an editor, having looked at the item: if it moved on, this is refused."""
    about = await queries.held_item(uow.session, caller, item_id)
    row = await queries.lock_judgement(uow.session, caller, item_id, judgement_id)
    match.check(Tagged.of(row, about))
    for name, value in _fit(_judged_from(merge_patch(views.as_judged(row), patch)), about).items():
        setattr(row, name, value)
    row.updated_at = clock.now()
    await uow.session.flush()
    set_etag(response, Tagged.of(row, about))
    return views.view(row, about)


@router.delete(
    "/{item_id}/transferability/{judgement_id}",
    status_code=204,
    responses=documented(*GONE, ItemStandsElsewhere, rules.ItemNotShown, *MISSING, rules.JudgedByAnother, *STALE),
)
async def remove_judgement(
    item_id: UUID, judgement_id: UUID, match: IfMatch, caller: EditorOrFacilitator, uow: Transaction
) -> None:
    """Take back what you judged, or as an editor what no longer helps anybody. Its words are erased."""
    about = await queries.held_item(uow.session, caller, item_id)
    row = await queries.lock_judgement(uow.session, caller, item_id, judgement_id)
    match.check(Tagged.of(row, about))
    await uow.remove(row)
    await idempotency.redact_responses(uow.session, judgement_id)


def _fit(judged: views.NewTransferJudgement, about: Any) -> dict[str, Any]:
    edition = judged.edition or about.edition
    rules.check_edition(edition, about.edition)
    rules.check_says_what_changes(judged.parts, judged.adapted, judged.needs)
    return views.columns(judged, edition)


def _judged_from(merged: Any) -> views.NewTransferJudgement:
    """Raises RequestValidationError."""
    try:
        return views.NewTransferJudgement.model_validate_json(orjson.dumps(merged))
    except ValidationError as wrong:
        raise RequestValidationError([{**error, "loc": ("body", *error["loc"])} for error in wrong.errors()]) from wrong
