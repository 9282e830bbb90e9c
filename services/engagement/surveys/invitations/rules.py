"""What makes an invitation genuine.

A token is 16 random bytes and a code over them and the survey, as 32 characters that fit in a link. By the code a guess
is refused without asking the database, and a genuine token that is no longer kept is known to be one that was used.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from shared.problems import Problem

SECRET_BYTES = 16
CODE_BYTES = 8
MOST_AT_ONCE = 5_000
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class InvitationUnknown(Problem):
    status = 403
    title = "This invitation is not one of ours"
    detail = "Use the link of your invitation just as it was sent to you, or ask whoever invited you for a new one."


@dataclass(frozen=True, slots=True)
class Issuer:
    """Makes tokens and tells genuine ones from guesses, by a key that only engagement has."""

    key: bytes

    def token(self, survey_id: UUID, secret: bytes) -> str:
        """The token of 16 random bytes."""
        return base64.urlsafe_b64encode(secret + self._code(survey_id, secret)).decode()

    def recognised(self, survey_id: UUID, token: str) -> bytes:
        """The hash by which the token is kept. Raises InvitationUnknown when this survey cannot have issued it."""
        token = token.strip()
        if TOKEN.fullmatch(token) is None:
            raise InvitationUnknown
        raw = base64.urlsafe_b64decode(token)
        secret, code = raw[:SECRET_BYTES], raw[SECRET_BYTES:]
        if not hmac.compare_digest(code, self._code(survey_id, secret)):
            raise InvitationUnknown
        return hashed(secret)

    def _code(self, survey_id: UUID, secret: bytes) -> bytes:
        return hashlib.blake2b(survey_id.bytes + secret, key=self.key, digest_size=CODE_BYTES).digest()


def hashed(secret: bytes) -> bytes:
    """What is kept of a token: 128 random bits cannot be found again from their SHA-256."""
    return hashlib.sha256(secret).digest()
