"""Who is calling by which credential, and a short-lived cache of credentials that were verified."""

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from shared import callers
from shared.callers import Caller

SIGNATURE_REUSE_SECONDS: Final = 20.0
"""How long one signature is sent; services accept it for 60 s."""
CACHE_SECONDS: Final = 30.0
MAX_CACHED_CREDENTIALS: Final = 20_000


@dataclass(frozen=True, slots=True)
class VerifiedCredential:
    """The caller that a credential stands for, and for how many more seconds it is valid."""

    caller: Caller
    credential_id: UUID | None
    seconds_left: float


@dataclass(slots=True)
class Identity:
    """Who is calling, and by which credential."""

    caller: Caller
    private_key: str = field(repr=False)
    credential_id: UUID | None = None
    """The session or key; None for anonymous callers and for an identity provider's tokens."""
    _signature: bytes = field(default=b"", repr=False)
    _signed_at: float = field(default=-SIGNATURE_REUSE_SECONDS)

    @property
    def signature(self) -> bytes:
        """The value of the X-Impact-Caller header, which services trust; signed again every 20 s."""
        now = time.monotonic()
        if now - self._signed_at >= SIGNATURE_REUSE_SECONDS or not self._signature:
            self._signature = callers.sign(self.caller, self.private_key).encode()
            self._signed_at = now
        return self._signature


class CredentialCache:
    """Credentials that were verified less than 30 s ago, by hash. Enabled only while revocations are received."""

    def __init__(self) -> None:
        self._entries: OrderedDict[bytes, tuple[Identity, float]] = OrderedDict()
        self._enabled = False
        self.generation = 0
        """Counts revocations: what was looked up before one is not cached after it."""

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, token_hash: bytes) -> Identity | None:
        """Return whom this credential stands for, or None when that must be looked up."""
        entry = self._entries.get(token_hash)
        if entry is None or entry[1] < time.monotonic():
            return None
        return entry[0]

    def put(self, token_hash: bytes, identity: Identity, generation: int, seconds_left: float = CACHE_SECONDS) -> None:
        """Cache a credential for as long as it is valid, 30 s at most.

        Nothing is cached if something was revoked since `generation`, when the lookup began: it might have been this.
        """
        if not self._enabled or generation != self.generation:
            return
        self._entries[token_hash] = (identity, time.monotonic() + min(seconds_left, CACHE_SECONDS))
        if len(self._entries) > MAX_CACHED_CREDENTIALS:
            self._entries.popitem(last=False)

    def enable(self) -> None:
        """Cache from now on: revocations are received."""
        self.clear()
        self._enabled = True

    def disable(self) -> None:
        """Cache nothing: revocations are not received."""
        self.clear()
        self._enabled = False

    def clear(self) -> None:
        """Remove everything."""
        self.generation += 1
        self._entries.clear()

    def invalidate(self, id: UUID) -> None:
        """Remove what this session, key or client was cached for."""
        self.generation += 1
        revoked = [
            token_hash
            for token_hash, (identity, _) in self._entries.items()
            if id in (identity.credential_id, identity.caller.id)
        ]
        for token_hash in revoked:
            del self._entries[token_hash]
