"""Proof of a completion: a code that anyone may check, and a signed document that tells the same."""

import re
import secrets
import time
from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.settings import Settings

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without 0, 1, I and O, which are mistaken for one another."""
GROUPS, IN_GROUP = 4, 5


def new_code() -> str:
    """100 random bits that a person can read aloud: `7KQ2M-...`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(IN_GROUP)) for _ in range(GROUPS))


def as_written(given: str) -> str:
    """A code as it is kept, however somebody typed it."""
    letters = re.sub(r"[^0-9A-Z]", "", given.upper())
    return "-".join(letters[start : start + IN_GROUP] for start in range(0, len(letters), IN_GROUP))


def signed(settings: Settings, proof: dict[str, Any]) -> str:
    """A compact JWS of what a proof tells. Whoever relies on it asks at `check_at` whether it was taken back."""
    key = _key(settings.cursor_key.get_secret_value())
    claims = {"iss": settings.public_url, "iat": int(time.time()), "learning": proof}
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"typ": "learning-proof+jwt", "kid": _name(key)})


def public_keys(settings: Settings) -> dict[str, Any]:
    """A JWK Set (RFC 8037) by which signatures are checked."""
    key = _key(settings.cursor_key.get_secret_value())
    return {"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": _name(key), "x": _x(key)}]}


@lru_cache(maxsize=4)
def _key(secret: str) -> Ed25519PrivateKey:
    """Derived from the process's own secret for this use alone (RFC 5869), so that there is no other key to keep."""
    derived = HKDF(SHA256(), 32, None, b"impact learning proofs 1").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(derived)


def _x(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _name(key: Ed25519PrivateKey) -> str:
    return _x(key)[:12]
