"""The five caching policies of answers to GET (RFC 9111), as dependencies: `dependencies=[Depends(NO_STORE)]`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """A named value of Cache-Control. `CacheableRoute` sets it on the answers of the routes that depend on it."""

    value: str

    async def __call__(self) -> None:
        """Mark the route; nothing happens per request."""

    @property
    def headers(self) -> dict[str, str]:
        """For an endpoint that chooses its policy by what it answers."""
        return {"Cache-Control": self.value}


PUBLIC = CachePolicy("public, max-age=5")
"""The default of what anyone may read, for callers who have not signed in. Events change it within seconds."""
PUBLIC_REVALIDATED = CachePolicy("public, no-cache")
"""Any cache may keep it, and asks with its ETag before each use."""
PUBLIC_LONG = CachePolicy("public, max-age=300")
"""What changes rarely: results of closed surveys, feeds, site maps."""
PRIVATE = CachePolicy("private, no-cache")
"""The default of everything else: the caller's own browser may keep it, and asks before each use."""
NO_STORE = CachePolicy("no-store")
"""Personal data and money: nobody keeps it."""
