"""Feeds, sitemaps and link sets. Each page is read along an index, from where the page before it ended."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, and_, func, literal_column, or_, select, text, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.feeds import linksets, sitemap
from services.evidence.exchange.feeds.atom import FeedEntry
from services.evidence.exchange.feeds.sitemap import SitemapEntry
from services.evidence.exchange.oai.metadata.records import WAY_LABELS
from services.evidence.exchange.oai.tables import oai_memberships, oai_records
from services.evidence.library.items import queries as items
from services.evidence.library.items import signposting
from services.evidence.library.items.descriptions import WAYS
from services.evidence.library.items.queries import BALANCED_KEY, NEWEST_KEY, Sort
from services.evidence.library.items.statements import next_position, place_conditions
from services.evidence.library.items.tables import Item
from services.evidence.library.place_filters import Locality
from services.evidence.library.topics import queries as topics
from services.evidence.library.topics.tables import Topic
from services.evidence.publications.guides.tables import Guide
from shared.callers import Caller
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.pagination import PageRequest
from shared.persistence.columns import select_columns
from shared.persistence.database import Database
from shared.problems import NotFound

PUBLIC_CALLER = Caller()
MAX_SITEMAP_URLS = 10_000
"""On one page of the sitemap. 50,000 are allowed, but a page of so many would take too long to write."""


class SitemapPageNotFound(NotFound):
    title = "There is no such page of the sitemap"
    detail = "Begin at /sitemap.xml, which lists the pages that there are."


class FeedPage(NamedTuple):
    """A page of a feed. `topic_names` holds the topics of all its entries, by id."""

    title: str
    entries: Sequence[FeedEntry]
    topic_names: dict[UUID, str]
    last: list[Any] | None
    """Where the next page begins, if there is one."""


class FeedFilters(NamedTuple):
    """What a feed is about; None filters nothing."""

    way: WayOfKnowing | None = None
    topic_id: UUID | None = None
    place: Locality = Locality()


async def read_feed(session: AsyncSession, paging: PageRequest, filters: FeedFilters, sort: Sort) -> FeedPage:
    """Return a page of changes, the ways of knowing in turns or by date alone.

    Raises TopicNotFound, InvalidCursor.
    """
    title = "what is new"
    if filters.topic_id is not None:
        title = f"what is new under {(await topics.get_topic(session, filters.topic_id)).name}"
    for part in (filters.way and WAY_LABELS[filters.way], *filters.place):
        title = f"{title} ({part})" if part else title
    is_balanced = sort == "balanced" and filters.way is None
    position = paging.after(BALANCED_KEY if is_balanced else NEWEST_KEY)
    keys = _balanced_keys(filters, position) if is_balanced else [_latest_keys(filters, position)]
    entries = await _read_entries(session, keys, paging.limit + 1)
    page = entries[: paging.limit]
    last: list[Any] | None = None
    if len(entries) > paging.limit:
        last = next_position(_turns(page), position) if is_balanced else [page[-1].stamped_at, page[-1].id]
    names = await _topic_names(session, {topic for entry in page for topic in entry.topics})
    return FeedPage(title, page, names, last)


def _latest_keys(filters: FeedFilters, position: Sequence[Any] | None, turns_before: int = 0) -> Select[Any]:
    """Select records by their datestamps, the latest first, from after `position`: datestamp and id."""
    way, topic_id, place = filters
    table = oai_records if topic_id is None else oai_memberships
    key = (table.c.stamped_at, table.c.item_id)
    latest_first = [column.desc() for column in key]
    turn = func.row_number().over(order_by=latest_first) + turns_before
    keys = select_columns(table.c.item_id, table.c.stamped_at, turn.label("turn")).order_by(*latest_first)
    if topic_id is not None:
        keys = keys.where(oai_memberships.c.topic_id == topic_id)
        if way is not None:
            keys = keys.join(oai_records, oai_records.c.item_id == table.c.item_id)
    if way is not None:
        keys = keys.where(oai_records.c.way_of_knowing == way)
    if conditions := place_conditions(*place):
        is_erased = and_(col(Item.status) == "withdrawn", col(Item.way_of_knowing) != "research")
        keys = keys.join(Item, col(Item.id) == table.c.item_id).where(or_(and_(*conditions), is_erased))
    return keys if position is None else keys.where(tuple_(*key) < tuple_(*position))


def _balanced_keys(filters: FeedFilters, position: Sequence[Any] | None) -> list[Select[Any]]:
    """Select the records of each way of knowing, from where it has ended: see `items.queries.newest_items`."""
    ways = [filters._replace(way=way) for way in WAYS]
    if position is None:
        return [_latest_keys(way, None) for way in ways]
    ends = [position[3 * number : 3 * number + 3] for number in range(len(ways))]
    return [_latest_keys(way, after, turn) for way, (turn, *after) in zip(ways, ends, strict=True)]


async def _read_entries(session: AsyncSession, keys: Sequence[Select[Any]], limit: int) -> Sequence[FeedEntry]:
    """Return the first entries of these streams of keys, in turns."""
    merged = union_all(*(select(stream.limit(limit).subquery()) for stream in keys)).subquery()
    in_turns = (merged.c.turn, merged.c.stamped_at.desc(), merged.c.item_id.desc())
    page = select_columns(*merged.c).order_by(*in_turns).limit(limit).subquery()
    entries = select_columns(  # in the order of FeedEntry's fields
        page.c.stamped_at,
        (col(Item.status) == literal_column("'published'")).label("is_published"),
        col(Item.id),
        col(Item.way_of_knowing),
        col(Item.title),
        col(Item.summary),
        col(Item.language),
        col(Item.details),
        col(Item.retraction),
        col(Item.updated_at),
        col(Item.published_at),
        oai_records.c.topics,
        page.c.turn,
    )
    statement = (
        entries.join(Item, col(Item.id) == page.c.item_id)
        .join(oai_records, oai_records.c.item_id == page.c.item_id)
        .order_by(page.c.turn, page.c.stamped_at.desc(), col(Item.id).desc())
    )
    return [FeedEntry._make(row) for row in await session.execute(statement)]


def _turns(entries: Sequence[FeedEntry]) -> list[dict[str, Any]]:
    return [
        {
            "way_of_knowing": entry.way_of_knowing,
            "turn": entry.turn,
            "published_at": entry.stamped_at,
            "id": entry.id,
        }
        for entry in entries
    ]


async def _topic_names(session: AsyncSession, topic_ids: set[UUID]) -> dict[UUID, str]:
    statement = select(col(Topic.id), col(Topic.name)).where(col(Topic.id).in_(topic_ids))
    return {row.id: row.name for row in await session.execute(statement)}


async def read_sitemap(session: AsyncSession, public_url: str, page: str | None) -> bytes:
    """Return the index, or the page of this name. Raises SitemapPageNotFound."""
    if page is None:
        return sitemap.write_index(public_url, await _page_names(session))
    if page == sitemap.GUIDES_PAGE:
        return sitemap.write_page(f"{public_url}/guides/", await _published_guides(session))
    start = sitemap.parse_page_name(page)
    entries = None if start is None else await _items_from(session, start)
    if not entries:
        raise SitemapPageNotFound
    return sitemap.write_page(f"{public_url}/evidence/", entries)


_PAGE_STARTS = text(
    """
    SELECT published_at, id FROM (
        SELECT published_at, id, row_number() OVER (ORDER BY published_at, id) AS position
        FROM items WHERE status = 'published'
    ) numbered
    WHERE position % :page_size = 1 ORDER BY published_at, id
    """
)


async def _page_names(session: AsyncSession) -> list[str]:
    starts = await session.execute(_PAGE_STARTS, {"page_size": MAX_SITEMAP_URLS})
    names = [sitemap.page_name(sitemap.PageStart(row.published_at, row.id)) for row in starts]
    return [sitemap.GUIDES_PAGE, *names] if await _published_guides(session) else names


async def _items_from(session: AsyncSession, start: sitemap.PageStart) -> Sequence[SitemapEntry]:
    statement = (
        select(col(Item.id), col(Item.updated_at))
        .where(
            col(Item.status) == literal_column("'published'"),
            tuple_(col(Item.published_at), col(Item.id)) >= tuple_(*start),
        )
        .order_by(col(Item.published_at), col(Item.id))
        .limit(MAX_SITEMAP_URLS)
    )
    return [SitemapEntry._make(row) for row in await session.execute(statement)]


async def _published_guides(session: AsyncSession) -> Sequence[SitemapEntry]:
    """Return every published guide, the oldest first: there are no more than a page holds."""
    statement = (
        select(col(Guide.id), col(Guide.updated_at))
        .where(col(Guide.status) == "published")
        .order_by(col(Guide.published_at), col(Guide.id))
        .limit(MAX_SITEMAP_URLS)
    )
    return [SitemapEntry._make(row) for row in await session.execute(statement)]


async def read_link_set(database: Database, public_url: str, item_id: UUID) -> bytes:
    """Return the link set of a published item. Raises ItemNotFound, ItemWithdrawn, ItemMerged."""
    row = await items.read_item(database, item_id)
    items.check_visible(PUBLIC_CALLER, row)
    return linksets.write_link_set(signposting.address(public_url, item_id), signposting.signposts(public_url, row))
