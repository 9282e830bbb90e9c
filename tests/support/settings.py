"""Settings that every service requires, with secrets generated for this test run."""

from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

FEWEST_SHOWN = 5
"""The disclosure threshold of the tests: smaller than the default, so that fewer rows show both sides of it."""


@cache
def caller_keys() -> tuple[str, str]:
    """Return a private and a public key (PEM), generated once in a test run."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def settings_for_tests() -> dict[str, Any]:
    """Return the values that every settings class requires, without the service's own, such as its database."""
    return {
        "caller_public_key": caller_keys()[1],
        "cursor_key": "a key for this test run alone",
        "address_key": "a key of addresses for this test run alone",
        "field_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "public_url": "http://testserver",
        "fewest_shown": FEWEST_SHOWN,
    }
