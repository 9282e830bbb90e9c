"""Every kind of page of the site: found by following links, as each of its people."""

import re
from collections import deque
from urllib.parse import urljoin, urlsplit

import httpx

LINK = re.compile(r'<a [^>]*href="([^"#]*)')
ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{40}")
NOT_FOLLOWED = (
    "/v1/",
    "/docs",
    "/openapi.json",
    "/oai",
    "/sitemap.xml",
    "/language/",
    "/problems/",
    "/assets/",
    "/sign-in/",
)
"""The API and its reference, files, and what changes something: each has tests of its own."""
MAX_PAGES = 400


def kind_of(path: str) -> str:
    """Return the path with ids and numbers taken out, and whether it has a query: one template makes such pages."""
    parts = urlsplit(path)
    return re.sub(r"/[0-9]+\b", "/{number}", ID.sub("{id}", parts.path)) + ("?" if parts.query else "")


def links_of(html: str, path: str) -> list[str]:
    """Return the paths within the site to which a page links."""
    paths = [urljoin(path, link.replace("&amp;", "&")) for link in LINK.findall(html)]
    return [path for path in paths if path.startswith("/") and not path.startswith(("//", *NOT_FOLLOWED))]


def find_pages(client: httpx.Client, *, per_kind: int = 1) -> dict[str, str]:
    """Return the HTML of pages that can be reached from the front page, by path: so many of each kind."""
    pages: dict[str, str] = {}
    counts: dict[str, int] = {}
    waiting = deque(["/"])
    while waiting and len(pages) < MAX_PAGES:
        path = waiting.popleft()
        kind = kind_of(path)
        if path in pages or counts.get(kind, 0) >= per_kind:
            continue
        counts[kind] = counts.get(kind, 0) + 1
        response = client.get(path, headers={"Accept": "text/html,application/xhtml+xml"}, follow_redirects=True)
        assert response.status_code == 200, f"{path}: {response.status_code}"
        if response.headers["content-type"].startswith("text/html"):
            pages[path] = response.text
            waiting.extend(links_of(response.text, path))
    return pages
