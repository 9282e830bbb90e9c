"""Tokens and keys: how they look, how they are kept (hashed), and who has already proved one."""

import hashlib
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from shared import callers
from shared.callers import Caller

SESSION: Final = "impact_session_"
LINK: Final = "impact_link_"
LIVE: Final = "impact_live_"
TEST: Final = "impact_test_"

Kind = Literal["impact_session_", "impact_link_", "impact_live_", "impact_test_"]

SIGNED_ANEW_SECONDS: Final = 20.0
"""A signature serves this long; services take it for 60 s."""
REMEMBERED_SECONDS: Final = 30.0
MOST_REMEMBERED: Final = 20_000


def make(kind: Kind) -> str:
    """A new secret of 256 bits. It is shown once; keep `digest` of it."""
    return kind + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """A plain hash is enough: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()


@dataclass(frozen=True, slots=True)
class Found:
    """The caller that a credential stands for, and for how many seconds it still does."""

    caller: Caller
    credential: UUID | None
    seconds: float


@dataclass(slots=True)
class Identity:
    """Who is calling, and by which credential."""

    caller: Caller
    private_key: str = field(repr=False)
    credential: UUID | None = None
    """The session or key; None for nobody in particular and for tokens of an identity provider."""
    _signed: bytes = field(default=b"", repr=False)
    _signed_at: float = field(default=-SIGNED_ANEW_SECONDS)

    @property
    def signed(self) -> bytes:
        """The X-Impact-Caller header that services trust."""
        now = time.monotonic()
        if now - self._signed_at >= SIGNED_ANEW_SECONDS or not self._signed:
            self._signed = callers.sign(self.caller, self.private_key).encode()
            self._signed_at = now
        return self._signed


class Remembered:
    """Credentials that were found good a moment ago. Trusted only while word of revocations arrives."""

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, tuple[Identity, float]] = OrderedDict()
        self._trusted = False
        self.generation = 0

    def __len__(self) -> int:
        return len(self._known)

    def find(self, hashed: bytes) -> Identity | None:
        known = self._known.get(hashed)
        if known is None or known[1] < time.monotonic():
            return None
        return known[0]

    def keep(self, hashed: bytes, identity: Identity, generation: int, seconds: float = REMEMBERED_SECONDS) -> None:
        """Unless something was revoked since `generation`, when the looking began: it might have been this."""
        if not self._trusted or generation != self.generation:
            return
        self._known[hashed] = (identity, time.monotonic() + min(seconds, REMEMBERED_SECONDS))
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)

    def trust(self, trusted: bool) -> None:
        self.forget_all()
        self._trusted = trusted

    def forget_all(self) -> None:
        self.generation += 1
        self._known.clear()

    def forget(self, id: UUID) -> None:
        """All that this session, key or client has proved."""
        self.generation += 1
        gone = [key for key, (who, _) in self._known.items() if id in (who.credential, who.caller.id)]
        for key in gone:
            del self._known[key]
