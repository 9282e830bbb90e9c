"""The sitemap (sitemaps.org): an index of pages, and the addresses on each."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.evidence.exchange.oai.xml import element, nested

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
GUIDES = "guides"
BEGINNING = '<?xml version="1.0" encoding="UTF-8"?>'
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def index(public_url: str, names: Iterable[str]) -> bytes:
    """Of the pages by their names."""
    pages = (nested("sitemap", [element("loc", f"{public_url}/sitemap.xml?page={name}")]) for name in names)
    return f'{BEGINNING}<sitemapindex xmlns="{NAMESPACE}">{"".join(pages)}</sitemapindex>'.encode()


def page(start: str, rows: Sequence[Any]) -> bytes:
    """Of the addresses that begin with `start` and end with the id of a row."""
    urls = "".join(
        f"<url><loc>{start}{row.id}</loc><lastmod>{row.updated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod></url>"
        for row in rows
    )
    return f'{BEGINNING}<urlset xmlns="{NAMESPACE}">{urls}</urlset>'.encode()


def name_of(place: tuple[datetime, UUID]) -> str:
    """Microseconds since 1970, and the id: where a page begins. New items come behind the last page."""
    step = place[0] - EPOCH
    return f"{(step.days * 86_400 + step.seconds) * 1_000_000 + step.microseconds}-{place[1]}"


def place_of(name: str) -> tuple[datetime, UUID] | None:
    """None for what is no name of a page."""
    number, _, item = name.partition("-")
    if not number.isascii() or not number.isdecimal() or len(number) > 17:
        return None
    try:
        return datetime.fromtimestamp(int(number) // 1_000_000, UTC).replace(microsecond=int(number) % 1_000_000), UUID(
            item
        )
    except (ValueError, OverflowError):
        return None
