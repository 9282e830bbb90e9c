"""Fields that nobody may read in the database: AES-256-GCM, each value bound to its row and purpose."""

import base64
import binascii
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT = b"\x01"
NONCE_BYTES = 12


class Unreadable(Exception):
    """A stored value was made with another key, for another place, or has been altered."""


def derived_key(field_key: str, purpose: str) -> bytes:
    """32 bytes for one purpose alone, from FIELD_KEY (base64 of 32 bytes). Raises ValueError for any other form."""
    try:
        secret = base64.b64decode(field_key, validate=True)
    except binascii.Error as error:
        raise ValueError("FIELD_KEY must be base64 of 32 bytes") from error
    if len(secret) != 32:
        raise ValueError("FIELD_KEY must be base64 of 32 bytes")
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(secret)


class Seal:
    """Encrypts by one key of 32 bytes. `place` says where a value belongs: copied elsewhere it cannot be read."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def close(self, value: bytes, place: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT + nonce + self._cipher.encrypt(nonce, value, place)

    def open(self, stored: bytes, place: bytes) -> bytes:
        """Raises Unreadable."""
        if stored[:1] != FORMAT:
            raise Unreadable("unknown format")
        nonce, sealed = stored[1 : 1 + NONCE_BYTES], stored[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, place)
        except (InvalidTag, ValueError) as error:
            raise Unreadable("wrong key or place") from error


class FieldCipher:
    """Encrypts the fields of one purpose: `FieldCipher(key, "access needs")`."""

    def __init__(self, field_key: str, purpose: str) -> None:
        self._seal = Seal(derived_key(field_key, f"field {purpose}"))

    def encrypt(self, value: bytes, place: UUID) -> bytes:
        """`place` is the id of the row: a value copied into another row cannot be read there."""
        return self._seal.close(value, place.bytes)

    def decrypt(self, stored: bytes, place: UUID) -> bytes:
        """Raises Unreadable."""
        return self._seal.open(stored, place.bytes)
