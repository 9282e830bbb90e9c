"""How much each caller may ask for, and how they are told (draft-ietf-httpapi-ratelimit-headers-10)."""

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

POLICY_HEADER: Final = b"ratelimit-policy"
LIMIT_HEADER: Final = b"ratelimit"


@dataclass(frozen=True, slots=True)
class Policy:
    """So many requests in so many seconds, all of them at once if one likes."""

    name: str
    quota: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one more is allowed, how many are left, and in how many seconds the whole quota is back."""

    policy: Policy
    allowed: bool
    remaining: int
    whole_again: int
    retry_after: int

    def headers(self) -> list[tuple[bytes, bytes]]:
        return [
            (POLICY_HEADER, _policy_value(self.policy)),
            (LIMIT_HEADER, b'"%s";r=%d;t=%d' % (self.policy.name.encode(), self.remaining, self.whole_again)),
        ]


POLICIES: Final = {
    policy.name: policy
    for policy in (
        Policy("pages", 300, 60),
        Policy("read", 1200, 60),
        Policy("search", 240, 60),
        Policy("write", 240, 60),
        Policy("files", 30, 60),
        Policy("responses", 10, 60),  # of one invitation: its holder corrects a mistake a few times at most
        Policy("responses-address", 3000, 60),  # of one address: a day centre or a hospital answers from one
        Policy("sign-in", 30, 60),
        Policy("failed-sign-in", 30, 60),
    )
}


class Limits:
    """GCRA in memory: one number a caller and class. Of more than `most` callers the longest unseen are forgotten."""

    def __init__(
        self,
        factor: int = 1,
        *,
        most: int = 100_000,
        clock: Callable[[], float] = time.monotonic,
        policies: dict[str, Policy] | None = None,
    ) -> None:
        known = (policies or POLICIES).values()
        self._policies = {p.name: Policy(p.name, p.quota * factor, p.seconds) for p in known}
        self._due: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._most = most
        self._clock = clock

    def __len__(self) -> int:
        return len(self._due)

    def take(self, name: str, caller: str) -> Verdict:
        """Counts this request unless it is refused: waiting is never made longer by asking too early."""
        policy = self._policies[name]
        now = self._clock()
        step = policy.seconds / policy.quota
        key = (name, caller)
        ahead = max(self._due.get(key, now) - now, 0.0) + step
        if ahead > policy.seconds + 1e-9:
            wait = max(1, math.ceil(ahead - policy.seconds))
            return Verdict(policy, False, 0, max(1, math.ceil(ahead - step)), wait)
        self._due[key] = now + ahead
        self._due.move_to_end(key)
        if len(self._due) > self._most:
            self._due.popitem(last=False)
        return Verdict(policy, True, int((policy.seconds - ahead) / step + 1e-6), math.ceil(ahead), 0)

    def spent(self, name: str, caller: str) -> Verdict:
        """What is left, without counting."""
        policy = self._policies[name]
        now = self._clock()
        step = policy.seconds / policy.quota
        ahead = max(self._due.get((name, caller), now) - now, 0.0)
        allowed = ahead + step <= policy.seconds + 1e-9
        wait = 0 if allowed else max(1, math.ceil(ahead + step - policy.seconds))
        return Verdict(policy, allowed, int((policy.seconds - ahead) / step + 1e-6), math.ceil(ahead), wait)


@lru_cache(maxsize=64)
def _policy_value(policy: Policy) -> bytes:
    return b'"%s";q=%d;w=%d' % (policy.name.encode(), policy.quota, policy.seconds)


@lru_cache(maxsize=10_000)
def network_of(address: str) -> str:
    """Who an address stands for: itself, or with IPv6 the /64 that one household or office is given."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((int(known) >> 64 << 64, 64)))
    return address
