"""What is kept of a journey: whose it is, the answers, its idempotency key and, once it is done, where that led."""

from dataclasses import dataclass, field, replace
from typing import Any, Final, Self
from uuid import UUID

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.callers import Caller
from shared.encryption import KEY_BYTES, AeadCipher
from shared.persistence.tables import new_id

PURPOSE: Final = b"saved answers 1"


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a row of saved answers. `owner` is None until somebody who has signed in saves."""

    owner: UUID | None = None
    key: str = field(default_factory=lambda: str(new_id()))
    """The Idempotency-Key of the request that the last button sends."""
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    result: str | None = None
    """The path of the page that shows what came of it; None until it is done."""

    def shown_to(self, caller: Caller) -> bool:
        """Return whether this caller may see the answers: nobody may see those of somebody else."""
        return self.owner is None or (not caller.anonymous and self.owner == caller.id)

    def kept_for(self, caller: Caller) -> bool:
        """Return whether what this caller sends is added to them.

        It is also where nobody is signed in, since a session may have ended. What is added then only the owner sees.
        """
        return caller.anonymous or self.shown_to(caller)

    def with_answers(self, caller: Caller, values: dict[str, Any]) -> Self:
        """Return the content with these answers too. One that is done stays as it is."""
        if self.result is not None:
            return self
        owner = self.owner or (None if caller.anonymous else caller.id)
        return replace(self, owner=owner, values=self.values | values)

    def done(self, result: str) -> Self:
        """Return the content of a journey that is done: the answers are forgotten."""
        return replace(self, values={}, result=result)

    def encrypt(self, token: str, row: bytes) -> bytes:
        """Return the content as it is stored. `row` names the row: in another, it cannot be read."""
        fields = {
            "owner": self.owner and str(self.owner),
            "key": self.key,
            "values": self.values,
            "result": self.result,
        }
        return _cipher(token).encrypt(orjson.dumps(fields), row)

    @classmethod
    def decrypt(cls, token: str, row: bytes, stored: bytes) -> Self:
        """Return the content of a row. Raises DecryptionError."""
        fields: dict[str, Any] = orjson.loads(_cipher(token).decrypt(stored, row))
        owner = UUID(fields["owner"]) if fields["owner"] else None
        return cls(owner, fields["key"], fields["values"], fields["result"])


def _cipher(token: str) -> AeadCipher:
    return AeadCipher(HKDF(SHA256(), KEY_BYTES, salt=None, info=PURPOSE).derive(token.encode()))
