"""The five caching policies of responses (RFC 9111), as dependencies: `dependencies=[Depends(NO_STORE)]`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """A value of Cache-Control. `ImpactRoute` sets it on the responses of the routes that depend on it."""

    value: str

    async def __call__(self) -> None:
        """Do nothing per request: the dependency marks the route."""

    @property
    def headers(self) -> dict[str, str]:
        """The header, for an endpoint that chooses its policy by its response."""
        return {"Cache-Control": self.value}


PUBLIC = CachePolicy("public, max-age=5")
"""The default of public endpoints for anonymous callers: short, since events change the content within seconds."""
PUBLIC_REVALIDATED = CachePolicy("public, no-cache")
"""Any cache may store it, and revalidates it before each use."""
PUBLIC_LONG = CachePolicy("public, max-age=300")
"""For what changes rarely: results of closed surveys, feeds, site maps."""
PRIVATE = CachePolicy("private, no-cache")
"""The default of all others: only the caller's browser may store it, and revalidates it before each use."""
NO_STORE = CachePolicy("no-store")
"""For personal data and money: no cache may store it."""
