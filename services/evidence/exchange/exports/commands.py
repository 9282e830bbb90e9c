"""Begin an export: choose what it holds, and read that from one snapshot of the library, in one of a few slots."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import and_, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.discovery.search.filters import Filters
from services.evidence.discovery.search.index.search_index import SearchIndex
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.queries import item_conditions, topics_within
from services.evidence.discovery.search.query.query_parser import parse
from services.evidence.discovery.search.rules import check_index, check_query
from services.evidence.exchange.exports import contents, queries, rules
from services.evidence.exchange.exports.filters import NO_FILTERS, OwnFilters
from services.evidence.exchange.writers.formats import FORMATS, FormatName
from services.evidence.library.items.statements import conditions_of
from services.evidence.library.items.tables import Item
from shared.persistence.columns import in_array
from shared.persistence.database import Database


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What to export: the items that match the filters, narrowed down to a search, to chosen items, or to both."""

    format: FormatName
    filters: Filters
    own_filters: OwnFilters = NO_FILTERS
    search_text: str | None = None
    ids: Sequence[UUID] | None = None
    query: str = ""
    """The whole query string of the request, for the entity tag."""
    known_etags: Collection[str] = frozenset()
    """Entity tags of what the client has, without the prefix of weak ones."""


@dataclass(frozen=True, slots=True)
class ExportResources:
    """What the exports of a process share. `slots` limits how many run at a time."""

    database: Database
    search_index: SearchIndex
    slots: asyncio.Semaphore
    public_url: str


@dataclass(frozen=True, slots=True)
class Export:
    """An export under way. It holds its slot and its snapshot until it is closed."""

    etag: str | None
    left_out: int | None
    """How many of the chosen items are not published."""
    first_chunk: bytes = b""
    rest: AsyncGenerator[bytes] | None = None
    """The chunks after the first; None if the client has the export already, and nothing is held."""
    resources: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def not_modified(self) -> bool:
        return self.rest is None

    async def content(self) -> AsyncGenerator[bytes]:
        """Yield the file."""
        yield self.first_chunk
        if self.rest is not None:
            async for chunk in self.rest:
                yield chunk

    async def aclose(self) -> None:
        """Release the slot and the snapshot."""
        await self.resources.aclose()


async def begin_export(resources: ExportResources, session: AsyncSession, request: ExportRequest) -> Export:
    """Begin an export and make its first chunk, so that what fails until then is a problem and not half a file.

    Raises TopicNotFound, NothingToSearchFor, IndexBeingBuilt, TooManyHits, ExportsBusy, NothingChosen,
    SearchHoldsNoDrafts.
    """
    topics = await topics_within(session, request.filters)
    own_filters, is_of_drafts = request.own_filters.of_items, request.own_filters.status == "draft"
    if is_of_drafts and request.search_text is not None:
        raise rules.SearchHoldsNoDrafts
    searched = item_conditions(request.filters, topics, request.own_filters.status)
    condition = and_(searched, *conditions_of(own_filters))
    ids = None
    if request.search_text is not None:
        ids = await _search(resources.search_index, request.search_text, request.filters, topics)
    if resources.slots.locked():
        raise rules.ExportsBusy(headers={"Retry-After": "60"})
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(resources.slots)
        connection = await stack.enter_async_context(queries.snapshot(resources.database))
        # The search index follows the library with a delay, so the result of a search has no ETag; nor have drafts,
        # of whose changes nothing keeps count.
        state = await queries.library_state(connection) if ids is None and not is_of_drafts else None
        etag = None if state is None else rules.entity_tag(state, request.query)
        left_out = None
        if request.ids is not None and not is_of_drafts:
            published_ids = await queries.published_ids(connection, request.ids)
            if not published_ids:
                raise rules.NothingChosen
            left_out = len(set(request.ids) - published_ids.keys())
            ids = rules.resolve_chosen(request.ids, published_ids, ids)
        if etag is not None and etag.removeprefix("W/") in request.known_etags:
            return Export(etag, left_out)
        if is_of_drafts:
            chosen = true() if request.ids is None else in_array(col(Item.id), request.ids)
            pages = queries.draft_pages(connection, condition & chosen)
        elif ids is None:
            pages = queries.published_pages(connection, condition)
        else:
            pages = queries.chosen_pages(connection, ids, condition)
        stack.push_async_callback(pages.aclose)
        if request.format == "xlsx":
            content = contents.write_workbook(pages, resources.public_url)
        else:
            content = contents.write_text(pages, FORMATS[request.format], resources.public_url)
        stack.push_async_callback(content.aclose)
        first_chunk = await anext(content, b"")
        return Export(etag, left_out, first_chunk, content, stack.pop_all())


async def _search(index: SearchIndex, text: str, filters: Filters, topics: Sequence[UUID] | None) -> list[UUID]:
    """Return the ids of the items that a search finds, the most relevant first.

    Raises NothingToSearchFor, IndexBeingBuilt, TooManyHits.
    """
    query = parse(text)
    check_query(query)
    check_index(complete=index.complete)
    topic_ids = None if topics is None else {*map(str, topics)}
    request = SearchRequest(query, filters, topic_ids, by_relevance=True, kind="item")
    page = await asyncio.to_thread(index.search, request, 0, rules.MAX_SEARCH_HITS + 1)
    if len(page.hits) > rules.MAX_SEARCH_HITS:
        raise rules.TooManyHits
    return [UUID(hit.id) for hit in page.hits]
