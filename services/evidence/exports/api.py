"""Exports and citations over HTTP."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from email.utils import format_datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response

from services.evidence.exports import citations, downloads, queries, rules
from services.evidence.exports.citations import As
from services.evidence.exports.exported import exported
from services.evidence.exports.formats import FORMATS, FormatName
from services.evidence.items.problems import ItemMerged, ItemNotFound, ItemWithdrawn
from services.evidence.items.queries import one
from services.evidence.items.rules import check_may_see
from services.evidence.search import asking
from services.evidence.search.filters import Narrowed, conditions, topics_within
from services.evidence.search.index import SearchIndex, Wanted
from services.evidence.search.rules import IndexBeingBuilt, NothingToSearchFor
from services.evidence.topics.rules import TopicNotFound
from shared import clock
from shared.auth import Caller
from shared.database import Database, Reading
from shared.http import Public, View
from shared.http import router as slice_router
from shared.problems import documented

router = slice_router("/v1/exports", "exports")
of_items = slice_router("/v1/evidence", "evidence")
routers = (router, of_items)

FRESH = {"Cache-Control": "public, no-cache"}
"""Kept by caches, but asked for again each time: what is withdrawn must disappear everywhere at once."""
NOBODY = Caller()
Ids = Annotated[
    list[UUID] | None,
    Query(alias="id", max_length=rules.MOST_IDS, description="Only these items, in this order; repeat it for each."),
]


class CitationStyle(View):
    """A way to write references."""

    style: str
    name: str


class CitationStyles(View):
    """The styles in which an item can be cited."""

    items: list[CitationStyle]


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
            "content": {form.media_type.partition(";")[0]: {} for form in FORMATS.values()},
        },
        304: {"description": "Nothing has changed since."},
        **documented(TopicNotFound, NothingToSearchFor, IndexBeingBuilt, rules.TooManyFound, rules.ExportsBusy),
    },
)
async def export_evidence(
    request: Request,
    caller: Public,
    session: Reading,
    filters: Narrowed,
    format: Annotated[FormatName, Query(description="Every format but `xlsx` and `jsonld` can be imported again.")],
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=500, description="As in /v1/search: what fits best comes first."),
    ] = None,
    ids: Ids = None,
) -> Response:
    """What is published and fits, the newest first, as a file for other programs.

    It shows one moment of the library, however long it takes. What is withdrawn is not in it, and a retraction is said.
    """
    within = await topics_within(session, filters)
    wanted = conditions(filters, within)
    if q is not None:
        found = await _found(request, Wanted(q, filters, None if within is None else {*map(str, within)}))
        ids = found if ids is None else [each for each in ids if each in set(found)]
    running: asyncio.Semaphore = request.app.state.exports
    if running.locked():
        raise rules.ExportsBusy(headers={"Retry-After": "60"})
    body = _made(request, running, format, wanted, ids, tagged=q is None)
    tag = (await anext(body)).decode()
    headers = {**FRESH, **({"ETag": tag} if tag else {})}
    if tag and tag in request.headers.get("if-none-match", ""):
        await body.aclose()
        return Response(status_code=304, headers=headers)
    return downloads.Download(await downloads.begun(body), {**headers, **_named(format)})


@router.get("/citation-styles", response_model=CitationStyles)
async def list_citation_styles(caller: Public) -> CitationStyles:
    """The styles in which an item can be cited."""
    return CitationStyles(items=[CitationStyle(style=style, name=name) for style, (name, _) in rules.STYLES.items()])


@of_items.get(
    "/{item_id}/citation",
    response_model=CitationView,
    responses=documented(ItemNotFound, ItemWithdrawn, ItemMerged, rules.UnknownStyle),
)
async def cite_item(
    request: Request,
    response: Response,
    item_id: UUID,
    caller: Public,
    style: Annotated[str, Query(description="See `/v1/exports/citation-styles`.", max_length=60)] = "apa",
    format: Annotated[As, Query(description="`html` has italics where the style wants them.")] = "text",
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
    *,
    tagged: bool,
) -> AsyncGenerator[bytes]:
    """First the ETag, empty where there is none; then the file. The search index goes its own pace: it has none."""
    public_url = request.app.state.settings.public_url
    async with running, queries.snapshot(request.app.state.database) as connection:
        moment = await queries.state(connection) if tagged else None
        yield _etag(request, moment).encode()
        pages = queries.pages(connection, wanted) if ids is None else queries.chosen(connection, ids, wanted)
        form = FORMATS[name]
        parts = downloads.workbook(pages, public_url) if name == "xlsx" else downloads.written(pages, form, public_url)
        async with aclosing(pages), aclosing(parts):
            async for part in parts:
                yield part


async def _found(request: Request, wanted: Wanted) -> list[UUID]:
    """Raises NothingToSearchFor, IndexBeingBuilt, TooManyFound."""
    index: SearchIndex = request.app.state.search_index
    if not asking.read(wanted.text).says_something:
        raise NothingToSearchFor
    if not index.complete:
        raise IndexBeingBuilt(headers={"Retry-After": "5"})
    found = await asyncio.to_thread(index.ids, wanted, rules.MOST_FOUND + 1)
    if len(found) > rules.MOST_FOUND:
        raise rules.TooManyFound
    return [UUID(each) for each in found]


def _etag(request: Request, moment: str | None) -> str:
    if moment is None:
        return ""
    asked = f"{moment} {sorted(request.query_params.multi_items())}"
    return f'W/"{hashlib.sha256(asked.encode()).hexdigest()[:20]}"'


def _named(name: FormatName) -> dict[str, str]:
    form = FORMATS[name]
    file = f"evidence-{clock.today():%Y-%m-%d}.{form.extension}"
    return {
        "Content-Type": form.media_type,
        "Content-Disposition": f'attachment; filename="{file}"',
        "X-Content-Type-Options": "nosniff",
    }
