"""Field encryption: AES-256-GCM, each value bound to its row and purpose, so that it cannot be read in another."""

import base64
import binascii
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FORMAT_VERSION = b"\x01"
"""The first byte of every ciphertext."""
KEY_BYTES = 32
NONCE_BYTES = 12


class DecryptionError(Exception):
    """A ciphertext was made with another key or for another row, or has been altered."""


def derived_key(field_key: str, purpose: str) -> bytes:
    """Derive a key of 32 bytes for one purpose from FIELD_KEY, by HKDF-SHA256 (RFC 5869).

    Raises ValueError unless FIELD_KEY is base64 of 32 bytes.
    """
    try:
        secret = base64.b64decode(field_key, validate=True)
    except binascii.Error as error:
        raise ValueError("FIELD_KEY must be base64 of 32 bytes") from error
    if len(secret) != KEY_BYTES:
        raise ValueError("FIELD_KEY must be base64 of 32 bytes")
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(secret)


class AeadCipher:
    """Authenticated encryption with one key of 32 bytes.

    The associated data names where a value is stored; with any other, decryption fails.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def encrypt(self, value: bytes, associated_data: bytes) -> bytes:
        """Return format version, nonce and ciphertext."""
        nonce = os.urandom(NONCE_BYTES)
        return FORMAT_VERSION + nonce + self._cipher.encrypt(nonce, value, associated_data)

    def decrypt(self, stored: bytes, associated_data: bytes) -> bytes:
        """Return the value. Raises DecryptionError."""
        if stored[:1] != FORMAT_VERSION:
            raise DecryptionError("unknown format")
        nonce, ciphertext = stored[1 : 1 + NONCE_BYTES], stored[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, associated_data)
        except (InvalidTag, ValueError) as error:
            raise DecryptionError("wrong key or associated data") from error


class FieldCipher:
    """Encrypts the fields of one purpose: `FieldCipher(key, "access needs")`. Each value is bound to its row's id."""

    def __init__(self, field_key: str, purpose: str) -> None:
        self._cipher = AeadCipher(derived_key(field_key, f"field {purpose}"))

    def encrypt(self, value: bytes, row_id: UUID) -> bytes:
        """Return the ciphertext for this row."""
        return self._cipher.encrypt(value, row_id.bytes)

    def decrypt(self, stored: bytes, row_id: UUID) -> bytes:
        """Return the value. Raises DecryptionError."""
        return self._cipher.decrypt(stored, row_id.bytes)
