"""The route table: which service answers which path, for whom, and within which limits."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from gateway.rate_limit_policies import (
    FILES,
    PAGES,
    READ,
    RESPONSES,
    SEARCH,
    SIGN_IN,
    SIGN_IN_BY_LINK,
    WRITE,
    RateLimitPolicy,
)
from gateway.settings import Service

KIB: Final = 1024
MIB: Final = 1024 * KIB
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SIGN_IN_PATH: Final = "/sign-in"
"""The rest of the path is a token by which somebody signs in."""
NOT_SECRET: Final = frozenset({"/sign-in/check-your-email"})


class Anonymous(Enum):
    """Which methods someone who has not signed in may use; the services decide the rest themselves."""

    NOTHING = "nothing"
    READING = "reading"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Route:
    """Everything under a prefix; `*` stands for one segment of the path.

    `reads` and `writes` name the rate limits; `body` is the largest body in bytes, `seconds` the longest response time.
    """

    prefix: str
    service: Service | Literal["gateway"]
    anonymous: Anonymous = Anonymous.NOTHING
    reads: RateLimitPolicy = READ
    writes: RateLimitPolicy = WRITE
    body: int = 1 * MIB
    seconds: float = 30.0
    same_origin: bool = False
    """Whether a browser may write here only from this site's own pages, signed in or not."""
    streamed: bool = False
    """Whether a page of the gateway receives the body as it comes, since it may be too large to be held in memory."""
    impersonal: bool = False
    """Whether the response holds nothing of its caller, so that it may be compressed: see `edge/compression.py`."""
    internal_only: bool = False
    """Whether the route exists only for requests from inside the private network; others get a 404."""

    def limit(self, method: str) -> RateLimitPolicy:
        """Return the rate limit that counts this method."""
        return self.reads if method in SAFE_METHODS else self.writes

    def open_to_anyone(self, method: str) -> bool:
        """Return whether an anonymous caller may use this method."""
        if self.anonymous is Anonymous.READING:
            return method in SAFE_METHODS
        return self.anonymous is Anonymous.ANYTHING


PUBLIC, OPEN, PRIVATE = Anonymous.ANYTHING, Anonymous.READING, Anonymous.NOTHING

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("/v1/topics",              "evidence",   OPEN),
    Route("/v1/evidence",            "evidence",   OPEN),
    Route("/v1/search",              "evidence",   OPEN, reads=SEARCH),
    Route("/v1/imports",             "evidence",   PRIVATE, writes=FILES, body=512 * MIB, seconds=600),
    Route("/v1/exports",             "evidence",   OPEN, reads=FILES, seconds=300),
    Route("/oai",                    "evidence",   PUBLIC, reads=SEARCH, writes=SEARCH),
    Route("/v1/feeds",               "evidence",   OPEN),
    Route("/sitemap.xml",            "evidence",   OPEN),
    Route("/v1/harvests",            "evidence",   PRIVATE),
    Route("/v1/retractions",         "evidence",   PRIVATE, writes=FILES, body=128 * MIB, seconds=300),
    Route("/v1/duplicates",          "evidence",   PRIVATE),
    Route("/v1/import-conflicts",    "evidence",   PRIVATE),
    Route("/v1/merges",              "evidence",   PRIVATE),
    Route("/v1/bulk-changes",        "evidence",   PRIVATE),
    Route("/v1/guides",              "evidence",   OPEN, body=8 * MIB),
    Route("/v1/evidence-requests",   "evidence",   OPEN),
    Route("/v1/evidence-requests/search", "evidence", PUBLIC, writes=SEARCH, body=32 * KIB),
    Route("/v1/learning",            "evidence",   OPEN),
    Route("/v1/line-of-sight",       "evidence",   OPEN, reads=SEARCH),
    Route("/v1/statistics",          "evidence",   OPEN, reads=SEARCH),
    Route("/v1/contributions",       "evidence",   PRIVATE),

    Route("/v1/me",                  "engagement", PRIVATE),
    Route("/v1/surveys",             "engagement", OPEN),
    Route("/v1/surveys/*/responses", "engagement", PUBLIC, writes=RESPONSES, body=256 * KIB),
    Route("/v1/assemblies",          "engagement", OPEN),
    Route("/v1/projects",            "engagement", OPEN),

    Route("/v1/programme",           "funding",    OPEN),
    Route("/v1/schemes",             "funding",    OPEN),
    Route("/v1/rate-cards",          "funding",    OPEN),
    Route("/v1/cost-limits",         "funding",    OPEN),
    Route("/v1/reservations",        "funding",    PRIVATE),
    Route("/v1/entitlements",        "funding",    PRIVATE),
    Route("/v1/claims",              "funding",    PRIVATE, body=16 * MIB),
    Route("/v1/payees",              "funding",    PRIVATE, body=64 * KIB),
    Route("/v1/payment-runs",        "funding",    PRIVATE, seconds=120),
    Route("/v1/bank-messages",       "funding",    PRIVATE, body=8 * MIB, seconds=120),
    Route("/v1/ledger",              "funding",    PRIVATE),

    Route("/v1/api-clients",         "gateway",    PRIVATE, body=64 * KIB),
    Route("/v1/session",             "gateway",    PRIVATE, body=4 * KIB),
    Route("/v1/sessions",            "gateway",    PRIVATE, body=4 * KIB),
    Route("/v1/roles",               "gateway",    PRIVATE, body=4 * KIB),
    Route("/v1/people/*/roles",      "gateway",    PRIVATE, body=4 * KIB),
    Route("/sign-in",                "gateway",    PUBLIC, PAGES, SIGN_IN, body=4 * KIB, same_origin=True),
    Route("/sign-in/*",              "gateway",    PUBLIC, PAGES, SIGN_IN_BY_LINK, body=4 * KIB, same_origin=True),
    Route("/welcome",                "gateway",    PUBLIC, reads=PAGES, body=4 * KIB, same_origin=True),
    Route("/sessions",               "gateway",    PUBLIC, reads=PAGES, body=4 * KIB, same_origin=True),
    Route("/demo",                   "gateway",    PUBLIC, reads=PAGES, body=4 * KIB, same_origin=True),
    Route("/",                       "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/docs",                   "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/openapi.json",           "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/problems",               "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/assets",                 "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/favicon.ico",            "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/robots.txt",             "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/.well-known",            "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/accessibility",          "gateway",    OPEN, reads=PAGES),
    Route("/privacy",                "gateway",    OPEN, reads=PAGES),
    Route("/cookies",                "gateway",    OPEN, reads=PAGES),
    Route("/contact",                "gateway",    OPEN, reads=PAGES),
    Route("/preferences",            "gateway",    PUBLIC, PAGES, PAGES, body=4 * KIB, same_origin=True),
    Route("/saved-answers",          "gateway",    PUBLIC, PAGES, PAGES, body=4 * KIB, same_origin=True),
    Route("/language",               "gateway",    OPEN, reads=PAGES),
    Route("/evidence",               "gateway",    OPEN, reads=PAGES),
    Route("/take-part",              "gateway",    OPEN, reads=PAGES),
    Route("/tell",                   "gateway",    PUBLIC, PAGES, WRITE, body=512 * KIB, same_origin=True),
    Route("/contributions",          "gateway",    PUBLIC, PAGES, WRITE, body=64 * KIB, same_origin=True),
    Route("/questions",              "gateway",    PUBLIC, PAGES, body=64 * KIB, same_origin=True),
    Route("/learning",               "gateway",    PUBLIC, PAGES, body=16 * KIB, same_origin=True),
    Route("/search",                 "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/topics",                 "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/gaps",                   "gateway",    OPEN, reads=PAGES, impersonal=True),
    Route("/guides",                 "gateway",    OPEN, reads=PAGES),
    Route("/line-of-sight",          "gateway",    OPEN, reads=PAGES),
    Route("/staff",                   "gateway",    PUBLIC, PAGES, WRITE, body=1 * MIB, same_origin=True),
    Route("/staff/imports/file", "gateway", PUBLIC, PAGES, FILES, 512 * MIB, 600, same_origin=True, streamed=True),
    Route("/staff/retractions/file", "gateway", PUBLIC, PAGES, FILES, 128 * MIB, 300, same_origin=True, streamed=True),
    Route("/status",                 "gateway",    OPEN, reads=PAGES),
    Route("/health",                 "gateway",    OPEN, reads=PAGES),
    Route("/metrics",                "gateway",    OPEN, reads=PAGES, internal_only=True),
)
# fmt: on


def without_secret(path: str) -> str:
    """Return the path, or its prefix alone where a secret may follow."""
    has_secret = path.startswith(f"{SIGN_IN_PATH}/") and path not in NOT_SECRET
    return SIGN_IN_PATH if has_secret else path


class RouteTable:
    """Finds the route of a path: the longest prefix of whole segments."""

    def __init__(self, routes: tuple[Route, ...] = ROUTES) -> None:
        self._root: Route | None = None
        self._only_route: dict[str, Route] = {}
        """By the start of the path, where one route holds everything under it."""
        self._by_start: dict[str, list[tuple[list[str], Route]]] = {}
        for route in sorted(routes, key=lambda route: -route.prefix.count("/")):
            segments = route.prefix.strip("/").split("/")
            if segments == [""]:
                self._root = route
            else:
                self._by_start.setdefault(_start(segments), []).append((segments, route))

        for start, candidates in self._by_start.items():
            if len(candidates) == 1 and "/".join(candidates[0][0]) == start:
                self._only_route[start] = candidates[0][1]

    def find(self, path: str) -> Route | None:
        """Return the route that a path belongs to, or None."""
        if path == "/":
            return self._root
        segments = path[1:].split("/")
        start = _start(segments)
        if (route := self._only_route.get(start)) is not None:
            return route
        for prefix, route in self._by_start.get(start, ()):
            if len(prefix) <= len(segments) and all(
                pattern in ("*", segment) for pattern, segment in zip(prefix, segments, strict=False)
            ):
                return route
        return None


def _start(segments: list[str]) -> str:
    """Return the first segment, and under /v1 the second too."""
    return "/".join(segments[:2]) if segments[0] == "v1" else segments[0]
