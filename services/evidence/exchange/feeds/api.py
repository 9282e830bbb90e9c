"""Feeds, link sets and the sitemap over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.evidence.callers import Anyone
from services.evidence.exchange.feeds import atom, linksets, queries, sitemap
from services.evidence.exchange.oai.metadata.records import LibraryIdentity
from services.evidence.library.items.queries import ItemNotFound, Sort
from services.evidence.library.items.rules import ItemMerged, ItemWithdrawn
from services.evidence.library.place_filters import PlaceFilter
from services.evidence.library.topics.queries import TopicNotFound
from shared import clock
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.caching import PUBLIC_LONG, PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.http.pagination import Paging
from shared.persistence.dependencies import Reading
from shared.problems import InvalidCursor, documented

router = create_router("", "Feeds")


def _content(media_type: str, schema_type: str = "string") -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {media_type: {"schema": {"type": schema_type}}}}}


@router.get(
    "/v1/feeds/evidence",
    status_code=200,
    response_class=Response,
    responses=_content(atom.MEDIA_TYPE) | documented(TopicNotFound, InvalidCursor),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def follow_evidence(
    request: Request,
    _caller: Anyone,
    session: Reading,
    paging: Paging,
    place: PlaceFilter,
    way_of_knowing: WayOfKnowing | None = None,
    topic: Annotated[UUID | None, Query(description="Items under this topic, and under those below it.")] = None,
    sort: Annotated[
        Sort,
        Query(
            description="`balanced`: the ways of knowing take turns, each with its latest, so that a large import hides"
            " nobody. `newest`: by date alone, for who reads on until they meet what they have. With `way_of_knowing`"
            " they are the same."
        ),
    ] = "balanced",
) -> Response:
    """Follow what is new, changed or withdrawn as an Atom feed. `next` leads to older entries.

    The ways of knowing take turns, each with its latest: Atom gives the order of entries no meaning (RFC 4287).
    With `country` or `setting`, withdrawn accounts and practice knowledge are listed wherever they were from: that is
    erased, and whoever has one must learn that it is gone.
    """
    page = await queries.read_feed(session, paging, queries.FeedFilters(way_of_knowing, topic, place), sort)
    links = _links(request)
    headers: dict[str, str] = {}
    if page.last is not None:
        links["next"] = paging.next_url(page.last)
        headers["Link"] = paging.response.headers["link"]
    library = LibraryIdentity.of(request.app.state.settings)
    content = atom.write_feed(library, page.title, links, page.entries, page.topic_names, clock.now())
    return Response(content, media_type=atom.MEDIA_TYPE, headers=headers)


def _links(request: Request) -> dict[str, str]:
    url = f"{request.app.state.settings.public_url}{request.url.path}"
    first = request.url.remove_query_params(["cursor", "count"]).query
    return {"self": f"{url}?{request.url.query}".rstrip("?"), "first": f"{url}?{first}".rstrip("?")}


@router.get(
    "/v1/evidence/{item_id}/linkset",
    status_code=200,
    response_class=Response,
    responses=_content(linksets.MEDIA_TYPE, "object") | documented(ItemNotFound, ItemWithdrawn, ItemMerged),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def get_link_set(request: Request, item_id: UUID, _caller: Anyone) -> Response:
    """Show the links of an item to machines: how to cite it, what it is, what describes it (RFC 9264)."""
    state = request.app.state
    content = await queries.read_link_set(state.database, state.settings.public_url, item_id)
    return Response(content, media_type=linksets.MEDIA_TYPE)


@router.get(
    "/sitemap.xml",
    status_code=200,
    response_class=Response,
    responses=_content(sitemap.MEDIA_TYPE) | documented(queries.SitemapPageNotFound),
    dependencies=[Depends(PUBLIC_LONG)],
)
async def get_sitemap(
    request: Request,
    _caller: Anyone,
    session: Reading,
    page: Annotated[str | None, Query(max_length=60, description="The name of a page, from the index.")] = None,
) -> Response:
    """List the addresses of everything published: an index of pages, or a page of up to 10,000 addresses."""
    content = await queries.read_sitemap(session, request.app.state.settings.public_url, page)
    return Response(content, media_type=sitemap.MEDIA_TYPE)
