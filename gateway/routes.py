"""The route table: what is where, who may, and how much."""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from gateway.settings import Service

Limit = Literal["pages", "read", "search", "write", "files", "responses", "sign-in"]
KIB: Final = 1024
MIB: Final = 1024 * KIB
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Anonymous(Enum):
    """What someone who has not signed in may ask for; the services decide the rest themselves."""

    NOTHING = "nothing"
    READING = "reading"
    ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Route:
    """Everything under a prefix. `*` stands for one part of the path."""

    prefix: str
    service: Service | Literal["gateway"]
    anonymous: Anonymous = Anonymous.NOTHING
    reads: Limit = "read"
    writes: Limit = "write"
    body: int = 1 * MIB
    seconds: float = 30.0
    browser: bool = False
    """Pages for people: what a browser sends here must come from this site."""
    inside: bool = False
    """There is nothing here for those who come from outside."""

    def limit(self, method: str) -> Limit:
        return self.reads if method in READING else self.writes

    def open_to_anyone(self, method: str) -> bool:
        if self.anonymous is Anonymous.READING:
            return method in READING
        return self.anonymous is Anonymous.ANYTHING


PUBLIC, READ, PRIVATE = Anonymous.ANYTHING, Anonymous.READING, Anonymous.NOTHING

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("/v1/topics",              "evidence",   READ),
    Route("/v1/evidence",            "evidence",   READ),
    Route("/v1/search",              "evidence",   READ, reads="search"),
    Route("/v1/imports",             "evidence",   PRIVATE, writes="files", body=512 * MIB, seconds=600),
    Route("/v1/exports",             "evidence",   READ, reads="files", seconds=300),
    Route("/oai",                    "evidence",   PUBLIC, reads="search", writes="search"),
    Route("/v1/feeds",               "evidence",   READ),
    Route("/sitemap.xml",            "evidence",   READ),
    Route("/v1/harvests",            "evidence",   PRIVATE),
    Route("/v1/retractions",         "evidence",   PRIVATE, writes="files", body=128 * MIB, seconds=300),
    Route("/v1/duplicates",          "evidence",   PRIVATE),
    Route("/v1/merges",              "evidence",   PRIVATE),
    Route("/v1/guides",              "evidence",   READ, body=8 * MIB),
    Route("/v1/evidence-requests",   "evidence",   READ),
    Route("/v1/learning",            "evidence",   READ),
    Route("/v1/line-of-sight",       "evidence",   READ, reads="search"),
    Route("/v1/statistics",          "evidence",   READ, reads="search"),
    Route("/v1/contributions",       "evidence",   PRIVATE),

    Route("/v1/people",              "engagement", PRIVATE),
    Route("/v1/organisations",       "engagement", READ),
    Route("/v1/me",                  "engagement", PRIVATE),
    Route("/v1/surveys",             "engagement", READ),
    Route("/v1/surveys/*/responses", "engagement", PUBLIC, writes="responses", body=256 * KIB),
    Route("/v1/surveys/*/import",    "engagement", PRIVATE, writes="files", body=16 * MIB, seconds=120),
    Route("/v1/surveys/*/export",    "engagement", PRIVATE, reads="files", seconds=300),
    Route("/v1/responses",           "engagement", PUBLIC, writes="responses", body=256 * KIB),
    Route("/v1/assemblies",          "engagement", READ),
    Route("/v1/networks",            "engagement", READ),
    Route("/v1/support-requests",    "engagement", PRIVATE),
    Route("/v1/projects",            "engagement", READ),

    Route("/v1/programme",           "funding",    READ),
    Route("/v1/schemes",             "funding",    READ),
    Route("/v1/rate-cards",          "funding",    READ),
    Route("/v1/reservations",        "funding",    PRIVATE),
    Route("/v1/entitlements",        "funding",    PRIVATE),
    Route("/v1/claims",              "funding",    PRIVATE, body=16 * MIB),
    Route("/v1/claims/forecast",     "funding",    PUBLIC),
    Route("/v1/payees",              "funding",    PRIVATE, body=64 * KIB),
    Route("/v1/payment-runs",        "funding",    PRIVATE, body=64 * MIB, seconds=120),
    Route("/v1/ledger",              "funding",    PRIVATE),
    Route("/v1/open-data",           "funding",    READ, reads="files", seconds=120),

    Route("/v1/api-clients",         "gateway",    PRIVATE, body=64 * KIB),
    Route("/v1/session",             "gateway",    PRIVATE, body=4 * KIB),
    Route("/sign-in",                "gateway",    PUBLIC, "sign-in", "sign-in", body=4 * KIB, browser=True),
    Route("/welcome",                "gateway",    PUBLIC, reads="pages", body=4 * KIB, browser=True),
    Route("/",                       "gateway",    READ, reads="pages"),
    Route("/docs",                   "gateway",    READ, reads="pages"),
    Route("/openapi.json",           "gateway",    READ, reads="pages"),
    Route("/problems",               "gateway",    READ, reads="pages"),
    Route("/status",                 "gateway",    READ, reads="pages"),
    Route("/health",                 "gateway",    READ, reads="pages"),
    Route("/metrics",                "gateway",    READ, reads="pages", inside=True),
)
# fmt: on


class RouteTable:
    """Finds the longest prefix that fits; a part of a path is never matched half."""

    def __init__(self, routes: tuple[Route, ...] = ROUTES) -> None:
        self._home: Route | None = None
        self._alone: dict[str, Route] = {}
        """Where the start of a path decides."""
        self._by_start: dict[str, list[tuple[list[str], Route]]] = {}
        for route in sorted(routes, key=lambda route: -route.prefix.count("/")):
            parts = route.prefix.strip("/").split("/")
            if parts == [""]:
                self._home = route
            else:
                self._by_start.setdefault(_start(parts), []).append((parts, route))

        for start, found in self._by_start.items():
            if len(found) == 1 and "/".join(found[0][0]) == start:
                self._alone[start] = found[0][1]

    def find(self, path: str) -> Route | None:
        """Which route a path belongs to, or None."""
        if path == "/":
            return self._home
        parts = path[1:].split("/")
        start = _start(parts)
        if (route := self._alone.get(start)) is not None:
            return route
        for wanted, route in self._by_start.get(start, ()):
            if len(wanted) <= len(parts) and all(w in ("*", p) for w, p in zip(wanted, parts, strict=False)):
                return route
        return None


def _start(parts: list[str]) -> str:
    return "/".join(parts[:2]) if parts[0] == "v1" else parts[0]
