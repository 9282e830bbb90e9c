"""The certificate of a completion: a code that anyone may check, and a signed document with the same content."""

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
GROUP_COUNT = 4
GROUP_LENGTH = 5


def new_code() -> str:
    """Return 100 random bits in a form that can be read aloud: `7KQ2M-...`."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUP_COUNT))


def normalise_code(text: str) -> str:
    """Return a code as it is stored, however somebody typed it."""
    letters = re.sub(r"[^0-9A-Z]", "", text.upper())
    return "-".join(letters[start : start + GROUP_LENGTH] for start in range(0, len(letters), GROUP_LENGTH))


def sign_certificate(settings: Settings, certificate: dict[str, Any]) -> str:
    """Return a compact JWS of the certificate. Only its `check_at` tells whether it has been revoked since."""
    key = _key(settings.cursor_key.get_secret_value())
    claims = {"iss": settings.public_url, "iat": int(time.time()), "learning": certificate}
    return jwt.encode(claims, key, algorithm="EdDSA", headers={"typ": "learning-certificate+jwt", "kid": _key_id(key)})


def public_keys(settings: Settings) -> dict[str, Any]:
    """Return the JWK Set (RFC 7517, RFC 8037) by which signatures are verified."""
    key = _key(settings.cursor_key.get_secret_value())
    return {
        "keys": [
            {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": _key_id(key), "x": _public_x(key)}
        ]
    }


@lru_cache(maxsize=4)
def _key(secret: str) -> Ed25519PrivateKey:
    """Derive the key, for this use alone, from the service's secret (RFC 5869): there is no other key to manage."""
    derived = HKDF(SHA256(), 32, None, b"impact learning certificates 1").derive(secret.encode())
    return Ed25519PrivateKey.from_private_bytes(derived)


def _public_x(key: Ed25519PrivateKey) -> str:
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return urlsafe_b64encode(raw).decode().rstrip("=")


def _key_id(key: Ed25519PrivateKey) -> str:
    return _public_x(key)[:12]
