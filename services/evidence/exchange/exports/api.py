"""Exports and citations over HTTP."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from email.utils import format_datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import Query, Request, Response
from pydantic import Field

from services.evidence.callers import Anyone
from services.evidence.discovery.search.filters import SearchFilters
from services.evidence.discovery.search.index.search_index import SearchIndex
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.queries import item_conditions, topics_within
from services.evidence.discovery.search.query.query_parser import parse
from services.evidence.discovery.search.rules import IndexBeingBuilt, NothingToSearchFor, check_index, check_query
from services.evidence.exchange.exports import citations, downloads, queries, rules
from services.evidence.exchange.exports.citations import As
from services.evidence.exchange.exports.exported import exported
from services.evidence.exchange.exports.formats import FORMATS, FormatName
from services.evidence.library.items.problems import ItemMerged, ItemNotFound, ItemWithdrawn
from services.evidence.library.items.queries import one
from services.evidence.library.items.rules import check_may_see
from services.evidence.library.topics.rules import TopicNotFound
from shared import clock
from shared.callers import Caller
from shared.http.conditional_requests import create_router
from shared.persistence.unit_of_work import Database, Reading
from shared.problems import documented
from shared.views import View

router = create_router("/v1/exports", "exports")
of_items = create_router("/v1/evidence", "evidence")
routers = (router, of_items)

FRESH = {"Cache-Control": "public, no-cache"}
"""Kept by caches, but asked for again each time: what is withdrawn must disappear everywhere at once."""
NOBODY = Caller()
LEFT_OUT = "With `id`: how many of them are not published, or not any more."
Ids = Annotated[
    list[UUID] | None,
    Query(alias="id", max_length=rules.MOST_IDS, description="Only these items, in this order; repeat it for each."),
]
Cited = Annotated[
    list[UUID],
    Query(alias="id", min_length=1, max_length=rules.MOST_REFERENCES, description="These items, in this order."),
]
Style = Annotated[str, Query(description="See `/v1/exports/citation-styles`.", max_length=60)]
Form = Annotated[As, Query(description="`html` has italics where the style wants them.")]


class CitationStyle(View):
    """A way to write references."""

    style: str
    name: str


class CitationStyles(View):
    """The styles in which an item can be cited."""

    items: list[CitationStyle]


class Reference(View):
    """One of a list of references."""

    id: UUID
    citation: str


class References(View):
    """Chosen items as a list of references says them, in the order in which they were chosen."""

    style: str
    format: As
    items: list[Reference]
    left_out: list[UUID] = Field(description="Which of those asked for are not published, or not any more.")


class CitationView(View):
    """One item as a list of references says it."""

    style: str
    format: As
    citation: str


@router.get(
    "/evidence",
    status_code=200,
    response_class=downloads.Download,
    responses={
        200: {
            "description": "The file, as it is read from the library.",
            "headers": {"Items-Left-Out": {"schema": {"type": "integer"}, "description": LEFT_OUT}},
            "content": {form.media_type.partition(";")[0]: {} for form in FORMATS.values()},
        },
        304: {"description": "Nothing has changed since."},
        **documented(
            TopicNotFound,
            rules.NothingChosen,
            NothingToSearchFor,
            IndexBeingBuilt,
            rules.TooManyFound,
            rules.ExportsBusy,
        ),
    },
)
async def export_evidence(
    request: Request,
    caller: Anyone,
    session: Reading,
    filters: SearchFilters,
    format: Annotated[FormatName, Query(description="Every format but `xlsx` and `jsonld` can be imported again.")],
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=500, description="The items of /v1/search, in the order of `relevance`."),
    ] = None,
    ids: Ids = None,
) -> Response:
    """What is published and fits, the newest first, as a file for other programs.

    It shows one moment of the library, however long it takes. What is withdrawn is not in it, and a retraction is said.
    """
    within = await topics_within(session, filters)
    wanted = item_conditions(filters, within)
    found = None
    if q is not None:
        topics = None if within is None else {*map(str, within)}
        found = await _found(request, SearchRequest(parse(q), filters, topics, by_relevance=True, kind="item"))
    running: asyncio.Semaphore = request.app.state.exports
    if running.locked():
        raise rules.ExportsBusy(headers={"Retry-After": "60"})
    body = _made(request, running, format, wanted, ids, found)
    headers = {**FRESH, **orjson.loads(await anext(body))}
    if "ETag" in headers and headers["ETag"] in request.headers.get("if-none-match", ""):
        await body.aclose()
        return Response(status_code=304, headers=headers)
    return downloads.Download(await downloads.begun(body), {**headers, **_named(format)})


@router.get("/citation-styles", response_model=CitationStyles)
async def list_citation_styles(caller: Anyone) -> CitationStyles:
    """The styles in which an item can be cited."""
    return CitationStyles(items=[CitationStyle(style=style, name=name) for style, (name, _) in rules.STYLES.items()])


@router.get("/references", response_model=References, responses=documented(rules.UnknownStyle))
async def list_references(
    request: Request, response: Response, caller: Anyone, ids: Cited, style: Style = "apa", format: Form = "text"
) -> References:
    """A list of references of chosen items, in one of the common styles."""
    if style not in rules.STYLES:
        raise rules.UnknownStyle
    async with queries.snapshot(request.app.state.database) as connection:
        stands = await queries.standing(connection, ids)
        wanted = list(dict.fromkeys(stands[each] for each in ids if each in stands))
        rows = [row async for page in queries.chosen(connection, wanted, queries.EVERYTHING) for row in page]
    items = [exported(row, request.app.state.settings.public_url) for row in rows]
    texts = await asyncio.to_thread(lambda: [citations.cited(item, style, format) for item in items])
    response.headers.update(FRESH)
    return References(
        style=style,
        format=format,
        items=[Reference(id=row.id, citation=text) for row, text in zip(rows, texts, strict=True)],
        left_out=[each for each in dict.fromkeys(ids) if each not in stands],
    )


@of_items.get(
    "/{item_id}/citation",
    response_model=CitationView,
    responses=documented(ItemNotFound, ItemWithdrawn, ItemMerged, rules.UnknownStyle),
)
async def cite_item(
    request: Request,
    response: Response,
    item_id: UUID,
    caller: Anyone,
    style: Style = "apa",
    format: Form = "text",
) -> CitationView:
    """How to cite a published item. An account is cited by the name that its person chose, or as Anonymous."""
    if style not in rules.STYLES:
        raise rules.UnknownStyle
    database: Database = request.app.state.database
    check_may_see(NOBODY, await one(database, item_id))
    async with queries.snapshot(database) as connection:
        row = await queries.shown(connection, item_id)
    if row is None:
        raise ItemNotFound
    response.headers.update({**FRESH, "Last-Modified": format_datetime(row.updated_at, usegmt=True)})
    item = exported(row, request.app.state.settings.public_url)
    text = await asyncio.to_thread(citations.cited, item, style, format)
    return CitationView(style=style, format=format, citation=text)


async def _made(
    request: Request,
    running: asyncio.Semaphore,
    name: FormatName,
    wanted: Any,
    ids: Sequence[UUID] | None,
    found: Sequence[UUID] | None,
) -> AsyncGenerator[bytes]:
    """First its headers as JSON, then the file. What a search found has no ETag: the index goes its own pace."""
    public_url = request.app.state.settings.public_url
    async with running, queries.snapshot(request.app.state.database) as connection:
        headers = _etag(request, await queries.state(connection)) if found is None else {}
        if ids is not None:
            stands = await queries.standing(connection, ids)
            if not stands:
                raise rules.NothingChosen
            headers["Items-Left-Out"] = str(len(set(ids) - stands.keys()))
            among = None if found is None else set(found)
            found = [each for each in dict.fromkeys(map(stands.get, ids)) if each and (among is None or each in among)]
        yield orjson.dumps(headers)
        pages = queries.pages(connection, wanted) if found is None else queries.chosen(connection, found, wanted)
        form = FORMATS[name]
        parts = downloads.workbook(pages, public_url) if name == "xlsx" else downloads.written(pages, form, public_url)
        async with aclosing(pages), aclosing(parts):
            async for part in parts:
                yield part


async def _found(request: Request, search: SearchRequest) -> list[UUID]:
    """Raises NothingToSearchFor, IndexBeingBuilt, TooManyFound."""
    index: SearchIndex = request.app.state.search_index
    check_query(search.query)
    check_index(complete=index.complete)
    page = await asyncio.to_thread(index.search, search, 0, rules.MOST_FOUND + 1)
    if len(page.hits) > rules.MOST_FOUND:
        raise rules.TooManyFound
    return [UUID(hit.id) for hit in page.hits]


def _etag(request: Request, moment: str | None) -> dict[str, str]:
    if moment is None:
        return {}
    asked = f"{moment} {request.query_params.multi_items()}"
    return {"ETag": f'W/"{hashlib.sha256(asked.encode()).hexdigest()[:20]}"'}


def _named(name: FormatName) -> dict[str, str]:
    form = FORMATS[name]
    file = f"evidence-{clock.today():%Y-%m-%d}.{form.extension}"
    return {
        "Content-Type": form.media_type,
        "Content-Disposition": f'attachment; filename="{file}"',
        "X-Content-Type-Options": "nosniff",
    }
