"""What every settings class must be told, with secrets that are good for this run alone."""

from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

FEWEST_SHOWN = 5
"""The disclosure threshold of the tests: smaller than the default, so that fewer rows show both sides of it."""


@cache
def caller_keys() -> tuple[str, str]:
    """A private and a public key (PEM) for this test run."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def settings_for_tests() -> dict[str, Any]:
    """What every settings class needs; add the service's database and the rest."""
    return {
        "caller_public_key": caller_keys()[1],
        "cursor_key": "a key for this test run alone",
        "field_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "public_url": "http://testserver",
        "fewest_shown": FEWEST_SHOWN,
    }
