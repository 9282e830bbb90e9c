"""How many requests each caller may send, and the headers that say so (draft-ietf-httpapi-ratelimit-headers-10)."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from gateway.rate_limit_policies import RateLimitPolicy

POLICY_HEADER: Final = b"ratelimit-policy"
LIMIT_HEADER: Final = b"ratelimit"

_ROUNDING: Final = 1e-9
"""Seconds by which sums of floating-point intervals may be off."""


@dataclass(frozen=True, slots=True)
class RateLimitState:
    """Whether one more request is allowed, and what is left of the quota.

    `reset_after`: seconds until the whole quota is back; `retry_after`: seconds until one more request is allowed.
    """

    policy: RateLimitPolicy
    allowed: bool
    remaining: int
    reset_after: int
    retry_after: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the RateLimit-Policy and RateLimit headers."""
        return [
            (POLICY_HEADER, _policy_value(self.policy)),
            (LIMIT_HEADER, b'"%s";r=%d;t=%d' % (self.policy.name.encode(), self.remaining, self.reset_after)),
        ]


class RateLimiter:
    """The generic cell rate algorithm (GCRA) in memory: one number for each caller and policy.

    Beyond `max_callers` the callers that have been quiet for longest are forgotten.
    """

    def __init__(
        self,
        factor: int = 1,
        *,
        max_callers: int = 100_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._factor = factor
        self._widened: dict[str, RateLimitPolicy] = {}
        self._arrivals: OrderedDict[tuple[str, str], float] = OrderedDict()
        """GCRA's theoretical arrival time: when the caller's whole quota is back."""
        self._max_callers = max_callers
        self._clock = clock

    def __len__(self) -> int:
        return len(self._arrivals)

    def take(self, policy: RateLimitPolicy, caller: str) -> RateLimitState:
        """Count a request against the policy. A refused one is not counted, so an early retry prolongs no wait."""
        policy = self.widened(policy)
        now = self._clock()
        interval = policy.seconds / policy.quota
        key = (policy.name, caller)
        used = max(self._arrivals.get(key, now) - now, 0.0) + interval
        if used > policy.seconds + _ROUNDING:
            retry_after = max(1, math.ceil(used - policy.seconds))
            return RateLimitState(policy, False, 0, max(1, math.ceil(used - interval)), retry_after)
        self._arrivals[key] = now + used
        self._arrivals.move_to_end(key)
        if len(self._arrivals) > self._max_callers:
            self._arrivals.popitem(last=False)
        return RateLimitState(policy, True, int((policy.seconds - used) / interval + 1e-6), math.ceil(used), 0)

    def peek(self, policy: RateLimitPolicy, caller: str) -> RateLimitState:
        """Return the state without counting a request."""
        policy = self.widened(policy)
        now = self._clock()
        interval = policy.seconds / policy.quota
        used = max(self._arrivals.get((policy.name, caller), now) - now, 0.0)
        allowed = used + interval <= policy.seconds + _ROUNDING
        retry_after = 0 if allowed else max(1, math.ceil(used + interval - policy.seconds))
        remaining = int((policy.seconds - used) / interval + 1e-6)
        return RateLimitState(policy, allowed, remaining, math.ceil(used), retry_after)

    def widened(self, policy: RateLimitPolicy) -> RateLimitPolicy:
        """Return the policy with its quota multiplied by the factor."""
        widened = self._widened.get(policy.name)
        if widened is None:
            widened = self._widened[policy.name] = replace(policy, quota=policy.quota * self._factor)
        return widened


@lru_cache(maxsize=64)
def _policy_value(policy: RateLimitPolicy) -> bytes:
    return b'"%s";q=%d;w=%d' % (policy.name.encode(), policy.quota, policy.seconds)
