"""The pages that show what addresses of the API answer."""

import re
from typing import Final

_id = r"(?P<id>[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
PAGES: Final[tuple[tuple[str, str], ...]] = (
    ("/v1/session", "/welcome"),
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

_pages = tuple((re.compile(pattern.replace("{id}", _id)), page) for pattern, page in PAGES)


def find_page(path: str, query: str) -> str | None:
    """Return the address of the page for an address of the API, or None where there is none."""
    for pattern, page in _pages:
        if match := pattern.fullmatch(path):
            address = page.format(**match.groupdict())
            return f"{address}?{query}" if query else address
    return None
