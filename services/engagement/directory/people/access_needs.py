"""What a person needs to take part: encrypted where it is kept, seen only by them and by engagement officers."""

from functools import lru_cache
from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Depends, Request
from pydantic import Field, StringConstraints

from shared.encryption import FieldCipher

Need = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Needs = Annotated[list[Need], Field(max_length=20)]
"""Each in the person's own words: "step-free way in", "BSL interpreter"."""


class NeedsCipher:
    """Turns access needs into what may be kept, and back."""

    def __init__(self, field_key: str) -> None:
        self._cipher = FieldCipher(field_key, "access needs")

    def encrypt(self, needs: list[str], place: UUID) -> bytes:
        """`place` is the id of the row that keeps them: they cannot be read from another."""
        return self._cipher.encrypt(orjson.dumps(needs), place)

    def decrypt(self, stored: bytes, place: UUID) -> list[str]:
        return orjson.loads(self._cipher.decrypt(stored, place))


@lru_cache(maxsize=4)
def _cipher(field_key: str) -> NeedsCipher:
    return NeedsCipher(field_key)


async def _cipher_here(request: Request) -> NeedsCipher:
    return _cipher(request.app.state.settings.field_key.get_secret_value())


Cipher = Annotated[NeedsCipher, Depends(_cipher_here)]
