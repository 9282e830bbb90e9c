"""Evidence items over HTTP: add, change, publish, withdraw, read."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Body, Query, Request, Response
from sqlmodel import col

from services.evidence.callers import Anyone, ContributorOrPartner, Editor
from services.evidence.library.items import (
    changing,
    consents,
    listing,
    problems,
    queries,
    rules,
    signposting,
    versions,
    views,
    wishes,
)
from services.evidence.library.items.descriptions import Description
from services.evidence.library.items.retraction import Retraction
from services.evidence.library.items.routes import description_from, route_with
from services.evidence.library.items.tables import Item
from services.evidence.library.topics.queries import topic_and_below
from services.evidence.library.topics.rules import TopicNotFound
from services.evidence.library.views_counted.counting import counting_of
from shared import clock
from shared.callers import Caller, caller_of
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.http.merge_patch import merge_patch
from shared.http.pagination import Page, PageRequest, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import (
    Invalid,
    InvalidCursor,
    NotAllowed,
    PreconditionFailed,
    PreconditionRequired,
    SignInNeeded,
    documented,
)

router = create_router("/v1/evidence", "evidence")
one, newest = create_router("/v1/evidence", "evidence"), create_router("/v1/evidence", "evidence")
routers = (one, newest, router, versions.router, consents.router)

LONGEST_PAGE = 200
Patch = Annotated[
    dict[str, Any],
    Body(media_type="application/merge-patch+json", description="RFC 7396: only what changes; null removes."),
]


@router.post("", status_code=201, response_model=views.ItemView, responses=documented(problems.AlreadyHeld, Invalid))
async def add_item(description: Description, caller: ContributorOrPartner, uow: Transaction) -> Response:
    """Add a draft in one of three ways of knowing. It stays yours alone until an editor publishes it."""
    description = wishes.dated(description, {}, clock.today())
    item = rules.add(description, caller.id)
    await changing.check(uow, description, item)
    uow.save(item)
    await changing.keep(uow, description, item)
    answer = await _answered(uow, item.id, caller, status=201)
    answer.headers["Location"] = f"/v1/evidence/{item.id}"
    return answer


async def newest_at_once(request: Request) -> Response | None:
    """The first page and those that follow, without filters."""
    asked = request.query_params
    limit = asked.get("limit", "50")
    if not asked.keys() <= {"limit", "cursor"} or not (limit.isdecimal() and 1 <= int(limit) <= LONGEST_PAGE):
        return None
    caller_of(request)
    paging = PageRequest(request, Response(), int(limit), asked.get("cursor"), count=False)
    return views.answered_newest(*await listing.newest(request.app.state.database, paging), paging)


newest.route_class = route_with(newest_at_once)


@newest.get(
    "", response_model=Page[views.ItemSummary], responses=documented(SignInNeeded, InvalidCursor, TopicNotFound)
)
async def list_items(
    request: Request,
    caller: Anyone,
    session: Reading,
    paging: Paging,
    way_of_knowing: WayOfKnowing | None = None,
    topic: Annotated[UUID | None, Query(description="Items under this topic, and under those below it.")] = None,
    state: Annotated[
        Literal["published", "draft"], Query(description="Drafts: your own; for an editor, everyone's.")
    ] = "published",
) -> Response:
    """What is published, the newest first; or the drafts that you may see."""
    below = None if topic is None else await topic_and_below(session, topic)
    if state == "published":
        found = await listing.newest(request.app.state.database, paging, way_of_knowing, below)
        return views.answered_newest(*found, paging)
    if caller.anonymous:
        raise SignInNeeded
    drafts = queries.drafts(None if rules.is_editor(caller) else caller.id, way_of_knowing, below)
    key = (col(Item.id),)
    page = await paginate(session, drafts, paging, key=key, view=views.ItemSummary.model_validate, descending=True)
    return views.answered_drafts(page, paging)


async def item_at_once(request: Request) -> Response | None:
    try:
        item_id = UUID(request.path_params["item_id"])
    except ValueError:
        return None
    return await get_item(request, item_id, caller_of(request))


one.route_class = route_with(item_at_once)


@one.get(
    "/{item_id}",
    response_model=views.ItemView,
    responses=documented(problems.ItemNotFound, problems.ItemWithdrawn, problems.ItemMerged),
)
async def get_item(request: Request, item_id: UUID, caller: Anyone) -> Response:
    """One item, as its way of knowing describes it. A withdrawn one answers 410 with what may still be said."""
    row = await queries.one(request.app.state.database, item_id)
    rules.check_may_see(caller, row)
    whole = rules.may_see_all(caller, row)
    answer = views.answered(row, whole=whole)
    if row.state == "published" and not whole:
        counting_of(request).opened(row.way_of_knowing)
    if row.state == "published":
        answer.headers["Link"] = signposting.header(request.app.state.settings.public_url, row)
    return answer


@router.patch(
    "/{item_id}",
    response_model=views.ItemView,
    responses=documented(
        problems.ItemNotFound,
        problems.ItemWithdrawn,
        problems.ItemStandsElsewhere,
        problems.EditorsAloneChangeThis,
        problems.ConsentIsThePersons,
        problems.ConsentTakenBack,
        problems.WayOfKnowingIsFixed,
        problems.AlreadyHeld,
        Invalid,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def change_item(
    item_id: UUID, patch: Patch, match: IfMatch, caller: ContributorOrPartner, uow: Transaction
) -> Response:
    """Change an item: its contributor while it is a draft, an editor at any time."""
    item = await queries.lock_item(uow.session, item_id)
    rules.check_may_change(caller, item)
    match.check(item)
    topics = await queries.topics_of(uow.session, item_id)
    description = description_from(merge_patch(views.description_of(item, topics), patch))
    wishes.check_keeps(caller, item, description)
    await changing.describe(uow, item, wishes.dated(description, item.own, clock.today()))
    return await _answered(uow, item_id, caller)


@router.post(
    "/{item_id}/publish",
    response_model=views.ItemView,
    responses=documented(
        problems.ItemNotFound,
        problems.ItemWithdrawn,
        problems.ItemStandsElsewhere,
        problems.AlreadyPublished,
        problems.ConsentMissing,
    ),
)
async def publish_item(item_id: UUID, caller: Editor, uow: Transaction) -> Response:
    """Let everyone find it. A person's own account needs that person's consent."""
    item = await queries.lock_item(uow.session, item_id)
    uow.publish(rules.publish(item, await queries.topics_of(uow.session, item_id), clock.now()))
    await uow.session.flush()
    await queries.show_filings_since(uow.session, item_id, item.published_at)
    return await _answered(uow, item_id, caller)


@router.post(
    "/{item_id}/withdraw",
    response_model=views.Withdrawal,
    responses=documented(problems.ItemNotFound, problems.ItemWithdrawn, problems.ItemStandsElsewhere, NotAllowed),
)
async def withdraw_item(item_id: UUID, caller: ContributorOrPartner, uow: Transaction) -> views.Withdrawal:
    """Take it out of sight for good: its contributor or an editor. A person's own words are erased."""
    item = await queries.lock_item(uow.session, item_id)
    rules.check_may_withdraw(caller, item)
    await changing.withdraw(uow, item)
    return views.Withdrawal.model_validate(item)


@router.post(
    "/{item_id}/retract",
    response_model=views.ItemView,
    responses=documented(
        problems.ItemNotFound,
        problems.ItemWithdrawn,
        problems.ItemStandsElsewhere,
        problems.AccountsAreNotRetracted,
        problems.NothingToReinstate,
        problems.GraverIsNoted,
    ),
)
async def retract_item(item_id: UUID, retraction: Retraction, caller: Editor, uow: Transaction) -> Response:
    """Say what became of the work: taken back, corrected, doubted, reinstated. It stays shown, with that said."""
    item = await queries.lock_item(uow.session, item_id)
    rules.check_may_retract(caller, item, retraction)
    await changing.retract(uow, item, retraction)
    return await _answered(uow, item_id, caller)


async def _answered(uow: UnitOfWork, item_id: UUID, caller: Caller, *, status: int = 200) -> Response:
    """The item as this unit of work leaves it, with its ETag."""
    await uow.session.flush()
    row = await queries.item(uow.session, item_id)
    return views.answered(row, whole=rules.may_see_all(caller, row), status=status)
