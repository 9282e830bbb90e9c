"""Evidence items over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body as RequestBody
from fastapi import Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import Anyone, ContributorOrPartner, Editor, is_editor
from services.evidence.library.field_types import Phrase
from services.evidence.library.items import commands, queries, rules, signposting, statements, views
from services.evidence.library.items.attribution import ConsentBelongsToPerson, ConsentNotGiven
from services.evidence.library.items.descriptions import Description
from services.evidence.library.items.statements import ItemFilters
from services.evidence.library.items.tables import Item, Proposal
from services.evidence.library.items.words.rules import AnotherProposalWaits, WordsTakenBack
from services.evidence.library.place_filters import PlaceFilter
from services.evidence.library.topics.queries import TopicNotFound, topic_and_below
from services.evidence.library.views_counted.counter import view_counter_of
from shared.callers import caller_of
from shared.events.contracts.evidence import RetractionNature, WayOfKnowing
from shared.http.conditional_requests import Handler, ImpactRoute, create_router
from shared.http.etags import IfMatch
from shared.http.pagination import PageRequest, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import (
    Invalid,
    InvalidCursor,
    NotAllowed,
    PreconditionFailed,
    PreconditionRequired,
    SignInNeeded,
    documented,
)
from shared.views import Body

MAX_PAGE_ITEMS = 200
Patch = Annotated[
    dict[str, Any],
    RequestBody(media_type="application/merge-patch+json", description="RFC 7396: only what changes; null removes."),
]


async def newest_shortcut(request: Request) -> Response | None:
    """Answer the pages of the newest items without filters."""
    parameters = request.query_params
    limit = parameters.get("limit", "50")
    if not parameters.keys() <= {"limit", "cursor"} or not (limit.isdecimal() and 1 <= int(limit) <= MAX_PAGE_ITEMS):
        return None
    caller_of(request)
    paging = PageRequest(request, Response(), int(limit), parameters.get("cursor"), count=False)
    return views.newest_response(await queries.newest_items(request.app.state.database, paging), paging)


async def item_shortcut(request: Request) -> Response | None:
    """Answer requests for one item whose id is well formed."""
    try:
        item_id = UUID(request.path_params["item_id"])
    except ValueError:
        return None
    return await get_item(request, item_id, caller_of(request))


Shortcut = Callable[[Request], Awaitable[Response | None]]
SHORTCUTS: dict[str, Shortcut] = {"get_item": item_shortcut, "list_items": newest_shortcut}
"""By endpoint: the busiest reads. FastAPI's reading of their parameters would cost more than all the rest.

A shortcut returns None for a request of unusual shape, which FastAPI then validates.
"""


class _ShortcutRoute(APIRoute):
    def get_route_handler(self) -> Handler:
        validated = super().get_route_handler()
        shortcut = SHORTCUTS.get(self.endpoint.__name__)
        if shortcut is None:
            return validated

        async def handled(request: Request) -> Response:
            response = await shortcut(request)
            return await validated(request) if response is None else response

        return handled


class ItemRoute(ImpactRoute, _ShortcutRoute):
    """A conditional route like all others, around the shortcut."""


class ItemWithdrawal(Body):
    """Why an item is withdrawn."""

    reason: Phrase | None = Field(
        default=None,
        description="For the person who gave it and for editors, whom its tombstone shows it. Leave out names.",
    )


router = create_router("/v1/evidence", "Evidence")
router.route_class = ItemRoute


@router.get(
    "/{item_id}",
    response_model=views.ItemView,
    responses=documented(queries.ItemNotFound, rules.ItemWithdrawn, rules.ItemMerged),
)
async def get_item(request: Request, item_id: UUID, caller: Anyone) -> Response:
    """Return one item, as its way of knowing describes it. A withdrawn one answers 410 with a tombstone."""
    row = await queries.read_visible_item(request.app.state.database, item_id, caller)
    whole = rules.may_see_all(caller, row)
    response = views.item_response(row, whole=whole)
    if row.status == "published":
        response.headers["Link"] = signposting.header(request.app.state.settings.public_url, row)
        if not whole:
            view_counter_of(request).count_opened(row.way_of_knowing)
    return response


@router.get(
    "",
    response_model=views.ItemPage,
    responses=documented(SignInNeeded, InvalidCursor, TopicNotFound, rules.TitlesAreSearched),
)
async def list_items(
    request: Request,
    caller: Anyone,
    session: Reading,
    paging: Paging,
    place: PlaceFilter,
    way_of_knowing: WayOfKnowing | None = None,
    topic: Annotated[UUID | None, Query(description="Only items under this topic and those below it.")] = None,
    status: Annotated[
        Literal["published", "draft", "withdrawn"],
        Query(description="Drafts, and what was withdrawn: your own; for an editor, everyone's."),
    ] = "published",
    import_id: Annotated[
        UUID | None, Query(alias="import", description="Only items that a record of this import created or matched.")
    ] = None,
    imported: Annotated[
        bool | None,
        Query(description="Only what a file or another library brought; with `false`, only what somebody wrote here."),
    ] = None,
    retraction: Annotated[
        RetractionNature | None, Query(description="Only works for which a notice of this nature holds.")
    ] = None,
    title: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=200,
            description="Only titles with all these words, of what is not published. What is: `/v1/search?q=title:`.",
        ),
    ] = None,
    held_back: Annotated[
        bool | None,
        Query(description="Only drafts that repeat what somebody took back: published again once they do not."),
    ] = None,
    sort: Annotated[
        queries.Sort,
        Query(
            description="Of what is published. `balanced`: the ways of knowing take turns, each with its newest, so"
            " that a large import hides nobody. `newest`: by date alone. With `way_of_knowing` they are the same."
        ),
    ] = "balanced",
) -> Response:
    """List what is published, the ways of knowing in turns, each with its newest; or the drafts that you may see."""
    topics = None if topic is None else await topic_and_below(session, topic)
    patterns = None if title is None else statements.title_patterns(title)
    filters = ItemFilters(way_of_knowing, topics, *place, import_id, imported, retraction, patterns, held_back)
    if status == "published":
        if title is not None:
            raise rules.TitlesAreSearched
        newest = await queries.newest_items(request.app.state.database, paging, filters, sort)
        return views.newest_response(newest, paging)
    if caller.anonymous:
        raise SignInNeeded
    contributor = None if is_editor(caller) else caller.id
    page = await paginate(
        session,
        statements.unpublished(status, contributor, filters),
        paging,
        key=(col(Item.id),),
        view=views.item_summary,
        descending=True,
    )
    without = {} if paging.cursor else await queries.unpublished_without(session, status, contributor, filters)
    return views.drafts_response(page, paging, without)


@router.post(
    "",
    status_code=201,
    response_model=views.ItemView,
    responses=documented(rules.DuplicateWork, WordsTakenBack, ConsentNotGiven, Invalid),
)
async def create_item(description: Description, caller: ContributorOrPartner, uow: Transaction) -> Response:
    """Add a draft in one of three ways of knowing. Only you and editors see it until an editor publishes it."""
    row = await commands.add_item(uow, description, caller)
    response = views.item_response(row, whole=True, status=201)
    response.headers["Location"] = f"/v1/evidence/{row.id}"
    return response


@router.patch(
    "/{item_id}",
    response_model=views.ItemView,
    responses={
        202: {"model": views.ProposalView, "description": "Other words wait for an answer, at the Location."},
        **documented(
            queries.ItemNotFound,
            rules.ItemWithdrawn,
            rules.MergedItemIsReadOnly,
            rules.OnlyEditorsChangePublished,
            ConsentBelongsToPerson,
            ConsentNotGiven,
            AnotherProposalWaits,
            WordsTakenBack,
            rules.PublishedNeedsConsent,
            rules.WayOfKnowingIsFixed,
            rules.DuplicateWork,
            Invalid,
            PreconditionFailed,
            PreconditionRequired,
        ),
    },
)
async def update_item(
    item_id: UUID, patch: Patch, match: IfMatch, caller: ContributorOrPartner, uow: Transaction
) -> Response:
    """Change an item: its contributor while it is a draft, an editor at any time, but nobody another person's words.

    What an editor changes in the words of somebody's account, or of practice knowledge under their name, is a proposal,
    which that person accepts or declines; topics, country, setting and language change at once. When contributors send
    other words for what is published, an editor reads them first, and what is shown stays until then.
    """
    changed = await commands.change_item(uow, item_id, caller, match, patch)
    if isinstance(changed, Proposal):
        return views.proposal_response(changed)
    return views.item_response(changed, whole=True)


@router.post(
    "/{item_id}/publish",
    response_model=views.ItemView,
    responses=documented(
        queries.ItemNotFound,
        rules.ItemWithdrawn,
        rules.MergedItemIsReadOnly,
        rules.AlreadyPublished,
        rules.ConsentMissing,
        WordsTakenBack,
        PreconditionFailed,
    ),
)
async def publish_item(item_id: UUID, match: IfMatch, _caller: Editor, uow: Transaction) -> Response:
    """Publish an item, so that everyone can find it. An account needs the consent of the person who gave it.

    Send `If-Match` to publish only what you have read.
    """
    return views.item_response(await commands.publish_item(uow, item_id, match), whole=True)


@router.post(
    "/{item_id}/withdraw",
    response_model=views.Withdrawal,
    responses=documented(
        queries.ItemNotFound, rules.ItemWithdrawn, rules.MergedItemIsReadOnly, NotAllowed, PreconditionFailed
    ),
)
async def withdraw_item(
    item_id: UUID,
    match: IfMatch,
    caller: ContributorOrPartner,
    uow: Transaction,
    body: ItemWithdrawal | None = None,
) -> views.Withdrawal:
    """Withdraw an item for good: its contributor or an editor. An account or practice knowledge is erased.

    Send `If-Match` to withdraw only what you have read.
    """
    reason = body.reason if body else None
    return views.Withdrawal.model_validate(await commands.withdraw_item(uow, item_id, caller, match, reason))
