"""The sitemap (sitemaps.org): an index of pages, and the URLs on each."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from services.evidence.exchange.oai.xml import element, nested

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
MEDIA_TYPE = "application/xml"
GUIDES_PAGE = "guides"
PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_NAME_DIGITS = 17


class SitemapEntry(NamedTuple):
    """What is published under an id, and when it changed last."""

    id: UUID
    updated_at: datetime


class PageStart(NamedTuple):
    """The first item of a page: pages are in the order of publication."""

    published_at: datetime
    item_id: UUID


def write_index(public_url: str, page_names: Iterable[str]) -> bytes:
    pages = (nested("sitemap", [element("loc", f"{public_url}/sitemap.xml?page={name}")]) for name in page_names)
    return f'{PROLOG}<sitemapindex xmlns="{NAMESPACE}">{"".join(pages)}</sitemapindex>'.encode()


def write_page(base_url: str, entries: Sequence[SitemapEntry]) -> bytes:
    """Return a page of the URLs that begin with `base_url` and end with an id."""
    urls = "".join(
        f"<url><loc>{base_url}{entry.id}</loc>"
        f"<lastmod>{entry.updated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
        for entry in entries
    )
    return f'{PROLOG}<urlset xmlns="{NAMESPACE}">{urls}</urlset>'.encode()


def page_name(start: PageStart) -> str:
    """Return where the page begins: microseconds since 1970, and the id. New items are added at the end."""
    age = start.published_at - EPOCH
    return f"{(age.days * 86_400 + age.seconds) * 1_000_000 + age.microseconds}-{start.item_id}"


def parse_page_name(name: str) -> PageStart | None:
    """Return where the page begins; None if this is not the name of a page."""
    number, _, item_id = name.partition("-")
    if not number.isascii() or not number.isdecimal() or len(number) > MAX_NAME_DIGITS:
        return None
    seconds, microseconds = divmod(int(number), 1_000_000)
    try:
        return PageStart(datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds), UUID(item_id))
    except (ValueError, OverflowError):
        return None
