"""Encryption of access needs. Only the person and engagement officers read them."""

from functools import lru_cache
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, Request
from pydantic import AfterValidator, Field, StringConstraints

from shared.encryption import FieldCipher
from shared.views import TextLimit

AccessNeed = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(TextLimit(200))]
AccessNeeds = Annotated[list[AccessNeed], Field(max_length=20)]
"""Each in the person's own words: "step-free way in", "BSL interpreter"."""


class AccessNeedsCipher:
    """Encrypts access needs with AES-256-GCM, bound to the row that stores them."""

    def __init__(self, field_key: str) -> None:
        self._cipher = FieldCipher(field_key, "access needs")

    def encrypt(self, needs: list[str], row_id: UUID) -> bytes:
        """Return the ciphertext. It can be decrypted only as a value of the row with this id."""
        return self._cipher.encrypt(orjson.dumps(needs), row_id)

    def decrypt(self, ciphertext: bytes, row_id: UUID) -> list[str]:
        """Return the access needs. Raises Unreadable for the ciphertext of another row or key."""
        return orjson.loads(self._cipher.decrypt(ciphertext, row_id))


@lru_cache(maxsize=4)
def _cipher_for(field_key: str) -> AccessNeedsCipher:
    return AccessNeedsCipher(field_key)


async def _request_cipher(request: Request) -> AccessNeedsCipher:
    return _cipher_for(request.app.state.settings.field_key.get_secret_value())


Cipher = Annotated[AccessNeedsCipher, Depends(_request_cipher)]
