"""Renditions over HTTP, of items and of guides alike."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar
from uuid import UUID

import orjson
from fastapi import Body, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from sqlmodel import col

from services.evidence.callers import Anyone, Editor
from services.evidence.library.items.problems import ItemMerged, ItemNotFound, ItemStandsElsewhere, ItemWithdrawn
from services.evidence.library.items.views import kept_by
from services.evidence.library.renditions import queries, rules, views
from services.evidence.library.renditions.tables import Rendition
from shared import clock
from shared.callers import Caller
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.merge_patch import merge_patch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

of_items, of_guides = create_router("/v1/evidence", "renditions"), create_router("/v1/guides", "renditions")
routers = (of_items, of_guides)

Patch = Annotated[
    dict[str, Any],
    Body(media_type="application/merge-patch+json", description="RFC 7396: only what changes; null removes."),
]
GONE = (ItemNotFound, ItemWithdrawn, rules.GuideNotThere, rules.GuideGone)
UNFIT = (
    ItemStandsElsewhere,
    rules.OriginalNotShown,
    rules.RenditionExists,
    rules.EditionNotThere,
    rules.RenditionUnusable,
)
MISSING = (rules.RenditionNotFound, rules.RenditionRemoved)
STALE = (PreconditionFailed, PreconditionRequired)
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def _kind(request: Request) -> rules.OriginalKind:
    return "guide" if request.url.path.startswith("/v1/guides/") else "evidence"


Kind = Annotated[rules.OriginalKind, Depends(_kind)]


def _of_both(method: str, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:
    def registered(endpoint: Endpoint) -> Endpoint:
        for router in routers:
            router.add_api_route("/{original_id}/renditions" + path, endpoint, methods=[method], **how)
        return endpoint

    return registered


@dataclass(frozen=True, slots=True)
class Tagged:
    version: int


@of_items.get("/renditions/outdated", response_model=Page[views.RenditionToLookAt])
async def list_outdated_renditions(caller: Editor, session: Reading, paging: Paging) -> Page[views.RenditionToLookAt]:
    """What there is to do: forms of items and of guides that are outdated, or withheld at a person's wish."""
    found, key = queries.to_be_looked_at(), (col(Rendition.id),)
    return await paginate(session, found, paging, key=key, view=views.RenditionToLookAt.model_validate)


@_of_both("GET", "", response_model=Page[views.RenditionView], responses=documented(*GONE, ItemMerged))
async def list_renditions(
    original_id: UUID, kind: Kind, caller: Anyone, session: Reading, paging: Paging
) -> Page[views.RenditionView]:
    """Every form in which there is this item or guide. Each says whether the original has moved on."""
    original = await queries.original(session, caller, kind, original_id)
    paging.response.headers.update(kept_by(caller))
    found = queries.renditions_of(original, withheld=rules.may_see_withheld(caller))
    return await paginate(session, found, paging, key=(col(Rendition.id),), view=lambda row: views.view(row, original))


@_of_both("POST", "", status_code=201, response_model=views.RenditionView, responses=documented(*GONE, *UNFIT, Invalid))
async def add_rendition(
    original_id: UUID, made: views.RenditionMade, kind: Kind, caller: Editor, uow: Transaction, response: Response
) -> views.RenditionView:
    """Add a form of a published item or guide."""
    original = await _held(uow, caller, kind, original_id)
    row = Rendition(original_kind=kind, original_id=original_id, **await _fit(uow, made, original))
    uow.save(row)
    await uow.session.flush()
    response.headers["Location"] = f"/v1/{'guides' if kind == 'guide' else kind}/{original_id}/renditions/{row.id}"
    set_etag(response, Tagged(rules.tag_number(row, original)))
    return views.view(row, original)


@_of_both(
    "GET",
    "/{rendition_id}",
    response_model=views.RenditionView,
    responses=documented(*GONE, ItemMerged, *MISSING),
)
async def get_rendition(
    original_id: UUID, rendition_id: UUID, kind: Kind, caller: Anyone, session: Reading, response: Response
) -> views.RenditionView:
    """One form of an item or a guide. Its ETag changes also when the original does."""
    original = await queries.original(session, caller, kind, original_id)
    row = await queries.rendition(session, original, rendition_id)
    if rules.withheld(row.named, row.made_from_edition, original) and not rules.may_see_withheld(caller):
        raise rules.RenditionNotFound
    response.headers.update(kept_by(caller))
    set_etag(response, Tagged(rules.tag_number(row, original)))
    return views.view(row, original)


@_of_both(
    "PATCH",
    "/{rendition_id}",
    response_model=views.RenditionView,
    responses=documented(*GONE, *UNFIT, *MISSING, Invalid, *STALE),
)
async def change_rendition(
    original_id: UUID,
    rendition_id: UUID,
    patch: Patch,
    kind: Kind,
    match: IfMatch,
    caller: Editor,
    uow: Transaction,
    response: Response,
) -> views.RenditionView:
    """Change it, having looked at the original as it stands: if that moved on meanwhile, this is refused as stale."""
    original = await _held(uow, caller, kind, original_id)
    row = await queries.rendition(uow.session, original, rendition_id, locked=True)
    match.check(Tagged(rules.tag_number(row, original)))
    stood = views.as_made(row)
    if patch.get("kind", row.kind) != row.kind:
        stood["language"] = None
    made = _made_from(merge_patch(stood, patch))
    for name, value in (await _fit(uow, made, original, besides=rendition_id)).items():
        setattr(row, name, value)
    row.updated_at = clock.now()
    await uow.session.flush()
    set_etag(response, Tagged(rules.tag_number(row, original)))
    return views.view(row, original)


@_of_both("DELETE", "/{rendition_id}", status_code=204, responses=documented(*GONE, *MISSING, *STALE))
async def remove_rendition(
    original_id: UUID, rendition_id: UUID, kind: Kind, match: IfMatch, caller: Editor, uow: Transaction
) -> None:
    """Take a form away, for instance because a better one is to come."""
    original = await _held(uow, caller, kind, original_id)
    row = await queries.rendition(uow.session, original, rendition_id, locked=True)
    match.check(Tagged(rules.tag_number(row, original)))
    await uow.remove(row)


async def _held(uow: UnitOfWork, caller: Caller, kind: rules.OriginalKind, original_id: UUID) -> rules.Original:
    return await queries.original(uow.session, caller, kind, original_id, held=True)


async def _fit(
    uow: UnitOfWork, made: views.RenditionMade, original: rules.Original, *, besides: UUID | None = None
) -> dict[str, Any]:
    """The columns of what somebody made, where that is fit for the original."""
    edition = made.made_from_edition or original.edition
    rules.check(original, edition)
    rules.check_usable(made.kind, made.content, made.url)
    language = rules.language_of(made.kind, made.language)
    if existing := await queries.same(uow.session, original, made.kind, language, besides=besides):
        raise rules.RenditionExists(rendition_id=existing)
    return {**made.model_dump(), "language": language, "made_from_edition": edition, "named": original.named}


def _made_from(merged: Any) -> views.RenditionMade:
    """Raises RequestValidationError."""
    try:
        return views.RenditionMade.model_validate_json(orjson.dumps(merged))
    except ValidationError as wrong:
        raise RequestValidationError([{**error, "loc": ("body", *error["loc"])} for error in wrong.errors()]) from wrong
