"""The caching policies of responses (RFC 9111), as dependencies: `dependencies=[Depends(NO_STORE)]`."""

from dataclasses import dataclass

from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """A value of Cache-Control. `ImpactRoute` sets it on the responses of the routes that depend on it.

    `vary`: the request headers by which the response differs.
    """

    value: str
    vary: str = ""

    async def __call__(self) -> None:
        """Do nothing per request: the dependency marks the route."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers, for an endpoint that builds its response."""
        headers = {"Cache-Control": self.value}
        return {**headers, "Vary": self.vary} if self.vary else headers

    def set_on(self, response: Response) -> None:
        """Set the headers, where an endpoint chooses its policy by what the response shows."""
        response.headers.update(self.headers)


PUBLIC = CachePolicy("public, max-age=5")
"""The default of public endpoints for anonymous callers: short, since events change the content within seconds."""
PUBLIC_REVALIDATED = CachePolicy("public, no-cache")
"""Any cache may store it, and revalidates it before each use."""
PUBLIC_BY_CALLER = CachePolicy("public, no-cache", vary="Authorization, X-API-Key")
"""As PUBLIC_REVALIDATED, for what everyone may read at an address that shows more to some callers."""
PUBLIC_LONG = CachePolicy("public, max-age=300")
"""For what changes rarely: results of closed surveys, feeds, site maps."""
PUBLIC_BY_COOKIE = CachePolicy("public, no-cache", vary="Cookie")
"""As PUBLIC_REVALIDATED, for pages of those who have not signed in: they differ by what a cookie says of their look."""
PUBLIC_DAY = CachePolicy("public, max-age=86400")
"""For files that hardly ever change at an address that stays: robots.txt, the icon."""
IMMUTABLE = CachePolicy("public, max-age=31536000, immutable")
"""For files at an address with the hash of their content."""
PRIVATE = CachePolicy("private, no-cache")
"""The default of all others: only the caller's browser may store it, and revalidates it before each use."""
NO_STORE = CachePolicy("no-store")
"""For personal data and money: no cache may store it."""
