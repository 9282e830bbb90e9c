"""What a browser carries while its person signs in elsewhere: encrypted, bound to this browser by its cookie."""

import hashlib
import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass, field
from typing import Final

import orjson

from shared.encryption import AeadCipher, DecryptionError

STATE_COOKIE: Final = "impact_sign_in"
LIFETIME_SECONDS: Final = 600
_PURPOSE: Final = b"gateway sign-in state"


def _expiry() -> float:
    return time.time() + LIFETIME_SECONDS


@dataclass(frozen=True, slots=True)
class SignInState:
    """`state` comes back with the response, `nonce` in the ID token; `verifier` proves that the code is ours (PKCE)."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    path: str
    """Where to go after signing in."""
    expires_at: float = field(default_factory=_expiry)

    def seal(self, secret: str) -> str:
        """Return the value of the cookie, which nobody can read or make without the secret."""
        return urlsafe_b64encode(_cipher(secret).encrypt(orjson.dumps(asdict(self)), _PURPOSE)).decode()


def open_state(cookie: str | None, secret: str) -> SignInState | None:
    """Return what a cookie holds; None where there is none, it is not ours, or it has expired."""
    try:
        state = SignInState(**orjson.loads(_cipher(secret).decrypt(urlsafe_b64decode(cookie or ""), _PURPOSE)))
    except (DecryptionError, ValueError, TypeError):
        return None
    return state if time.time() < state.expires_at else None


def _cipher(secret: str) -> AeadCipher:
    return AeadCipher(hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).digest())
