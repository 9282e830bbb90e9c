"""The pages that show what addresses of the API answer."""

import re
from typing import Final
from urllib.parse import urlsplit

_id = r"(?P<id>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
_number = r"(?P<number>[1-9][0-9]{0,9})"
PAGES: Final[tuple[tuple[str, str], ...]] = (
    ("/v1/session", "/welcome"),
    ("/v1/search", "/search"),
    ("/v1/evidence", "/evidence"),
    ("/v1/evidence/{id}", "/evidence/{id}"),
    ("/v1/evidence/{id}/versions/{number}", "/evidence/{id}/versions/{number}"),
    ("/v1/evidence/{id}/(?:appraisals|citation|renditions|transferability|versions)", "/evidence/{id}"),
    ("/v1/topics(?:/tree)?", "/topics"),
    ("/v1/topics/gaps", "/gaps"),
    ("/v1/topics/{id}(?:/coverage)?", "/topics/{id}"),
    ("/v1/guides", "/guides"),
    ("/v1/guides/{id}", "/guides/{id}"),
    ("/v1/guides/{id}/versions/{number}", "/guides/{id}/versions/{number}"),
    ("/v1/guides/{id}/(?:renditions|versions)", "/guides/{id}"),
    ("/v1/line-of-sight", "/line-of-sight"),
    ("/v1/contributions", "/contributions"),
    ("/v1/evidence-requests", "/questions"),
    ("/v1/evidence-requests/mine", "/questions/mine"),
    ("/v1/evidence-requests/{id}", "/questions/{id}"),
    ("/v1/learning", "/learning"),
    ("/v1/learning/{id}", "/learning/{id}"),
    ("/v1/learning/completions", "/learning/record"),
    ("/v1/learning/completions/{id}", "/learning/record/{id}"),
    ("/v1/learning/certificates/(?P<code>[A-Za-z0-9-]{1,40})", "/learning/certificates/{code}"),
)
"""The path of an address of the API, as a pattern, and that of its page. The query goes along."""

_pages = tuple((re.compile(pattern.replace("{id}", _id).replace("{number}", _number)), page) for pattern, page in PAGES)


def find_page(path: str, query: str) -> str | None:
    """Return the address of the page for an address of the API, or None where there is none."""
    for pattern, page in _pages:
        if match := pattern.fullmatch(path):
            address = page.format(**match.groupdict())
            return f"{address}?{query}" if query else address
    return None


def next_page(path: str, next_url: str | None) -> str | None:
    """Return the address of the next page of a list on this page, by the `next` of the API."""
    return f"{path}?{urlsplit(next_url).query}" if next_url else None
