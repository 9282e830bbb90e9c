"""Feeds, link sets and the sitemap over HTTP."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response

from services.evidence.callers import Anyone
from services.evidence.exchange.feeds import atom, queries, sitemap
from services.evidence.exchange.oai.formats import WAYS, Library
from services.evidence.library.items import queries as items
from services.evidence.library.items import rules, signposting
from services.evidence.library.items.problems import ItemMerged, ItemNotFound, ItemWithdrawn
from services.evidence.library.items.views import PUBLIC
from services.evidence.library.topics import queries as topics
from services.evidence.library.topics.rules import TopicNotFound
from shared import clock
from shared.callers import Caller
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.conditional_requests import create_router
from shared.http.pagination import PageRequest, Paging
from shared.persistence.dependencies import Reading
from shared.problems import InvalidCursor, NotFound, documented

feeds = create_router("/v1/feeds", "feeds")
of_items = create_router("/v1/evidence", "evidence")
of_library = create_router("/sitemap.xml", "feeds")
routers = (feeds, of_items, of_library)

NOBODY = Caller()
FOR_AN_HOUR = {"Cache-Control": "public, max-age=3600"}
"""Addresses alone: what has gone meanwhile answers 410 by itself."""


class NoSuchPage(NotFound):
    detail = "There is no such page of the sitemap. Begin at /sitemap.xml."


def content(media_type: str, kind: str = "string") -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": kind}}}}}


@feeds.get(
    "/evidence",
    status_code=200,
    response_class=Response,
    responses=content(atom.MEDIA_TYPE) | documented(TopicNotFound, InvalidCursor),
)
async def follow_evidence(
    request: Request,
    caller: Anyone,
    session: Reading,
    paging: Paging,
    way_of_knowing: WayOfKnowing | None = None,
    topic: Annotated[UUID | None, Query(description="Items under this topic, and under those below it.")] = None,
) -> Response:
    """What is new, changed or withdrawn, the latest first, as an Atom feed. `next` leads to what came before."""
    subject = "what is new"
    if topic is not None:
        subject = f"what is new under {(await topics.topic(session, topic)).name}"
    if way_of_knowing is not None:
        subject = f"{subject} ({WAYS[way_of_knowing]})"
    rows = await queries.latest(session, paging, way_of_knowing, topic)
    shown = rows[: paging.limit]
    names = await queries.topic_names(session, {topic for row in shown for topic in row.topics})
    links = _links(request, paging)
    if len(rows) > paging.limit:
        links["next"] = paging.next_url([shown[-1].stamped_at, shown[-1].id])
    headers = {**PUBLIC, **({"Link": paging.response.headers["link"]} if "next" in links else {})}
    answer = atom.feed(_library(request), subject, links, shown, names, clock.now())
    return Response(answer, media_type=atom.MEDIA_TYPE, headers=headers)


def _links(request: Request, paging: PageRequest) -> dict[str, str]:
    start = f"{request.app.state.settings.public_url}{request.url.path}"
    first = request.url.remove_query_params(["cursor", "count"]).query
    return {"self": f"{start}?{request.url.query}".rstrip("?"), "first": f"{start}?{first}".rstrip("?")}


def _library(request: Request) -> Library:
    settings = request.app.state.settings
    return Library(settings.library_name, settings.public_url, settings.namespace)


@of_items.get(
    "/{item_id}/linkset",
    status_code=200,
    response_class=Response,
    responses=content(signposting.LINK_SET, "object") | documented(ItemNotFound, ItemWithdrawn, ItemMerged),
)
async def show_links(request: Request, item_id: UUID, caller: Anyone) -> Response:
    """What stands around an item, for machines: how to cite it, what it is, what describes it (RFC 9264)."""
    row = await items.one(request.app.state.database, item_id)
    rules.check_may_see(NOBODY, row)
    public_url = request.app.state.settings.public_url
    here = signposting.address(public_url, item_id)
    around: dict[str, Any] = {"anchor": here}
    sets: list[dict[str, Any]] = [around]
    for relation, href, kind in signposting.signposts(public_url, row):
        target = {"href": href, **({"type": kind} if kind else {})}
        around.setdefault(relation, []).append(target)
        if relation == "describedby":
            sets.append({"anchor": href, "describes": [{"href": here, "type": "application/json"}]})
    return Response(orjson.dumps({"linkset": sets}), media_type=signposting.LINK_SET, headers=PUBLIC)


@of_library.get(
    "", status_code=200, response_class=Response, responses=content("application/xml") | documented(NoSuchPage)
)
async def show_sitemap(
    request: Request,
    caller: Anyone,
    session: Reading,
    page: Annotated[str | None, Query(max_length=60, description="From the index; do not build it.")] = None,
) -> Response:
    """Where everything published is: an index of pages, each with up to 10,000 addresses and when they changed."""
    public_url = request.app.state.settings.public_url
    if page is None:
        names = [sitemap.GUIDES] if await queries.guides(session) else []
        names += [sitemap.name_of(place) for place in await queries.beginnings(session)]
        answer = sitemap.index(public_url, names)
    elif page == sitemap.GUIDES:
        answer = sitemap.page(f"{public_url}/v1/guides/", await queries.guides(session))
    else:
        place = sitemap.place_of(page)
        rows: Sequence[Any] = await queries.items_from(session, place) if place else []
        if not rows:
            raise NoSuchPage
        answer = sitemap.page(f"{public_url}/v1/evidence/", rows)
    return Response(answer, media_type="application/xml", headers=FOR_AN_HOUR)
