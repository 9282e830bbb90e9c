"""Rate limits that all gateways count together, in a Valkey or Redis that `RATE_LIMIT_STORE_URL` names.

Without one, and while it does not answer, each gateway counts for itself: a store that is down refuses nobody, and a
caller has then at most one quota for each gateway.
"""

import logging
import math
import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Final, Protocol, cast

from pydantic import SecretStr

from gateway.edge.rate_limits import RateLimiter, RateLimitState
from gateway.rate_limit_policies import RateLimitPolicy

if TYPE_CHECKING:
    from limits import RateLimitItem, WindowStats
    from limits.aio.storage.redis.valkey import ValkeyBridge

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS: Final = 0.25
RETRY_SECONDS: Final = 5.0
"""How long the store is not asked after it did not answer."""
KEY_PREFIX: Final = "impact-rate-limits"


class SharedRateLimiter:
    """Counts in the store by a sliding window, or else by `local`."""

    def __init__(self, local: RateLimiter, store_url: SecretStr | None = None) -> None:
        self.local = local
        self._store = _Store(store_url.get_secret_value()) if store_url else None
        self._retry_at = 0.0

    async def take(self, policy: RateLimitPolicy, caller: str) -> RateLimitState:
        """Count a request against the policy. A refused one is not counted."""
        if self._store is not None and time.monotonic() >= self._retry_at:
            widened = self.local.widened(policy)
            state = await self._answer(self._store.take(widened, caller))
            if state is not None:
                return state
        return self.local.take(policy, caller)

    async def peek(self, policy: RateLimitPolicy, caller: str) -> RateLimitState:
        """Return the state without counting a request."""
        if self._store is not None and time.monotonic() >= self._retry_at:
            state = await self._answer(self._store.peek(self.local.widened(policy), caller))
            if state is not None:
                return state
        return self.local.peek(policy, caller)

    async def close(self) -> None:
        """Close the connections to the store."""
        if self._store is not None:
            await self._store.close()

    async def _answer(self, asked: Awaitable[RateLimitState]) -> RateLimitState | None:
        """Return what the store answers; None where it does not."""
        from limits.errors import StorageError  # noqa: PLC0415  see _Store

        try:
            return await asked
        except (StorageError, OSError, TimeoutError) as error:
            cause = error.storage_error if isinstance(error, StorageError) else error
            if time.monotonic() >= self._retry_at:
                logger.warning("the store of rate limits does not answer: %s", type(cause).__name__)
            self._retry_at = time.monotonic() + RETRY_SECONDS
            return None


class _Client(Protocol):
    """What the types of limits leave out of its client."""

    async def aclose(self) -> None: ...


class _Store:
    """The store, by the library limits, which is imported where there is one: it takes memory."""

    def __init__(self, url: str) -> None:
        from limits.aio.storage import RedisStorage  # noqa: PLC0415  see above
        from limits.aio.strategies import SlidingWindowCounterRateLimiter  # noqa: PLC0415  see above

        self._storage = RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="valkey",
            key_prefix=KEY_PREFIX,
            socket_timeout=TIMEOUT_SECONDS,
            socket_connect_timeout=TIMEOUT_SECONDS,
        )
        self._strategy = SlidingWindowCounterRateLimiter(self._storage)

    async def take(self, policy: RateLimitPolicy, caller: str) -> RateLimitState:
        item = _item(policy)
        allowed = await self._strategy.hit(item, caller)
        return _state(policy, await self._strategy.get_window_stats(item, caller), allowed=allowed)

    async def peek(self, policy: RateLimitPolicy, caller: str) -> RateLimitState:
        stats = await self._strategy.get_window_stats(_item(policy), caller)
        return _state(policy, stats, allowed=stats.remaining > 0)

    async def close(self) -> None:
        bridge = cast("ValkeyBridge", self._storage.bridge)
        await cast("_Client", bridge.get_connection()).aclose()


def _item(policy: RateLimitPolicy) -> "RateLimitItem":
    from limits import RateLimitItemPerSecond  # noqa: PLC0415  see _Store

    return RateLimitItemPerSecond(policy.quota, policy.seconds, namespace=policy.name)


def _state(policy: RateLimitPolicy, stats: "WindowStats", *, allowed: bool) -> RateLimitState:
    seconds = max(1, math.ceil(stats.reset_time - time.time()))
    return RateLimitState(policy, allowed, stats.remaining if allowed else 0, seconds, 0 if allowed else seconds)
