"""Renditions over HTTP, of items and of guides alike."""

from collections.abc import Callable
from typing import Annotated, Any, TypedDict, TypeVar, Unpack
from uuid import UUID

from fastapi import Body, Depends, Request, Response
from sqlmodel import col

from services.evidence.callers import Anyone, Editor
from services.evidence.library.items.queries import ItemNotFound
from services.evidence.library.items.rules import ItemMerged, ItemWithdrawn, MergedItemIsReadOnly
from services.evidence.library.items.views import cache_policy
from services.evidence.library.renditions import commands, queries, rules
from services.evidence.library.renditions.bodies import NewRendition
from services.evidence.library.renditions.queries import RenditionRecord
from services.evidence.library.renditions.rules import OriginalKind
from services.evidence.library.renditions.tables import Rendition
from services.evidence.library.renditions.views import RenditionForReview, RenditionView, rendition_view
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1", "Renditions")

RenditionPatch = Annotated[
    dict[str, Any],
    Body(media_type="application/merge-patch+json", description="RFC 7396: only what changes; null removes."),
]
ORIGINAL_PROBLEMS = (ItemNotFound, ItemWithdrawn, queries.GuideNotFound, rules.GuideIsWithdrawn)
BODY_PROBLEMS = (
    MergedItemIsReadOnly,
    rules.OriginalNotShown,
    rules.RenditionExists,
    rules.EditionNotThere,
    rules.RenditionUnusable,
)
MISSING_PROBLEMS = (queries.RenditionNotFound, queries.RenditionRemoved)
PRECONDITION_PROBLEMS = (PreconditionFailed, PreconditionRequired)
COLLECTIONS: dict[OriginalKind, str] = {"evidence": "evidence", "guide": "guides"}
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


class RouteOptions(TypedDict, total=False):
    """What FastAPI takes for a route, as far as it is used here."""

    status_code: int
    response_model: object
    responses: dict[int | str, dict[str, Any]]


def _original_kind(request: Request) -> OriginalKind:
    return "guide" if request.url.path.startswith("/v1/guides/") else "evidence"


Kind = Annotated[OriginalKind, Depends(_original_kind)]


def _route(method: str, path: str, **options: Unpack[RouteOptions]) -> Callable[[Endpoint], Endpoint]:
    """Register an endpoint for the renditions of items and for those of guides."""

    def register(endpoint: Endpoint) -> Endpoint:
        for collection in COLLECTIONS.values():
            full_path = f"/{collection}/{{original_id}}/renditions{path}"
            router.add_api_route(full_path, endpoint, methods=[method], **options)
        return endpoint

    return register


@router.get("/evidence/renditions/outdated", response_model=Page[RenditionForReview])
async def list_outdated_renditions(_caller: Editor, session: Reading, paging: Paging) -> Page[RenditionForReview]:
    """List the renditions of items and guides that are outdated, or withheld because of a person's wish."""
    statement, key = queries.renditions_for_review(), (col(Rendition.id),)
    return await paginate(session, statement, paging, key=key, view=RenditionForReview.model_validate)


@_route("GET", "", response_model=Page[RenditionView], responses=documented(*ORIGINAL_PROBLEMS, ItemMerged))
async def list_renditions(
    original_id: UUID, kind: Kind, caller: Anyone, session: Reading, paging: Paging
) -> Page[RenditionView]:
    """List every form in which there is this item or guide. Each says whether it is outdated."""
    original = await queries.visible_original(session, kind, original_id, caller)
    cache_policy(caller).set_on(paging.response)

    def view(rendition: Rendition) -> RenditionView:
        return rendition_view(RenditionRecord(rendition, original))

    statement = queries.renditions_of(original, caller)
    return await paginate(session, statement, paging, key=(col(Rendition.id),), view=view)


@_route(
    "POST",
    "",
    status_code=201,
    response_model=RenditionView,
    responses=documented(*ORIGINAL_PROBLEMS, *BODY_PROBLEMS, Invalid),
)
async def create_rendition(
    original_id: UUID, body: NewRendition, kind: Kind, caller: Editor, uow: Transaction, response: Response
) -> RenditionView:
    """Add a form of a published item or guide."""
    record = await commands.add_rendition(uow, kind, original_id, caller, body)
    location = f"/v1/{COLLECTIONS[kind]}/{original_id}/renditions/{record.rendition.id}"
    return rendition_view(await flush_and_tag(uow, response, record, location=location))


@_route(
    "GET",
    "/{rendition_id}",
    response_model=RenditionView,
    responses=documented(*ORIGINAL_PROBLEMS, ItemMerged, *MISSING_PROBLEMS),
)
async def get_rendition(
    original_id: UUID, rendition_id: UUID, kind: Kind, caller: Anyone, session: Reading, response: Response
) -> RenditionView:
    """Return one form of an item or a guide. Its ETag also changes when the original does."""
    record = await queries.visible_rendition(session, kind, original_id, rendition_id, caller)
    cache_policy(caller).set_on(response)
    set_etag(response, record)
    return rendition_view(record)


@_route(
    "PATCH",
    "/{rendition_id}",
    response_model=RenditionView,
    responses=documented(*ORIGINAL_PROBLEMS, *BODY_PROBLEMS, *MISSING_PROBLEMS, Invalid, *PRECONDITION_PROBLEMS),
)
async def update_rendition(
    original_id: UUID,
    rendition_id: UUID,
    patch: RenditionPatch,
    kind: Kind,
    match: IfMatch,
    caller: Editor,
    uow: Transaction,
    response: Response,
) -> RenditionView:
    """Change a rendition, having reviewed the original. Refused where that has changed since you read it."""
    record = await commands.change_rendition(uow, kind, original_id, rendition_id, caller, match, patch)
    return rendition_view(await flush_and_tag(uow, response, record))


@_route(
    "DELETE",
    "/{rendition_id}",
    status_code=204,
    responses=documented(*ORIGINAL_PROBLEMS, *MISSING_PROBLEMS, *PRECONDITION_PROBLEMS),
)
async def delete_rendition(
    original_id: UUID, rendition_id: UUID, kind: Kind, match: IfMatch, caller: Editor, uow: Transaction
) -> None:
    """Remove a form, for instance because a better one is to come."""
    await commands.remove_rendition(uow, kind, original_id, rendition_id, caller, match)
