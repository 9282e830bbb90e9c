"""Tokens of invitations, and the hash by which one person is let in once.

A token is 16 random bytes and a message authentication code over them and the survey, as 32 characters that fit in a
link. By the code a guessed token is refused without a query, and a genuine token that is not stored any more is known
to have been used.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.surveys.rules import Admissions
from shared.callers import Caller
from shared.encryption import derived_key
from shared.problems import FieldError, Invalid, Problem

SECRET_BYTES = 16
MAC_BYTES = 8
MAX_BATCH_INVITATIONS = 5_000
TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")


class InvitationUnknown(Problem):
    status = 403
    title = "This invitation is not valid"
    detail = "Use the link of your invitation exactly as it was sent to you, or ask whoever invited you for a new one."


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Issues tokens, and tells genuine ones from guesses, by a key that only engagement has."""

    key: bytes

    def issue(self, survey_id: UUID, secret: bytes) -> str:
        """Return the token of 16 random bytes."""
        return base64.urlsafe_b64encode(secret + self._mac(survey_id, secret)).decode()

    def verify(self, survey_id: UUID, token: str) -> bytes:
        """Return the hash that is stored of the token. Raises InvitationUnknown where this survey never issued it."""
        token = token.strip()
        if TOKEN.fullmatch(token) is None:
            raise InvitationUnknown
        raw = base64.urlsafe_b64decode(token)
        secret, mac = raw[:SECRET_BYTES], raw[SECRET_BYTES:]
        if not hmac.compare_digest(mac, self._mac(survey_id, secret)):
            raise InvitationUnknown
        return token_hash(secret)

    def _mac(self, survey_id: UUID, secret: bytes) -> bytes:
        return hashlib.blake2b(survey_id.bytes + secret, key=self.key, digest_size=MAC_BYTES).digest()


@lru_cache(maxsize=4)
def token_issuer(field_key: str) -> TokenIssuer:
    """Return the issuer of a service whose FIELD_KEY is this."""
    return TokenIssuer(derived_key(field_key, "invitations"))


@lru_cache(maxsize=4)
def person_key(field_key: str) -> bytes:
    """Return the key of `person_hash` of a service whose FIELD_KEY is this."""
    return derived_key(field_key, "people who answered")


def person_hash(key: bytes, survey_id: UUID, person_id: UUID) -> bytes:
    """Return what is stored of a known person so that they answer once. Each survey gives another hash."""
    return hashlib.blake2b(survey_id.bytes + person_id.bytes, key=key, digest_size=32).digest()


def check_invited(
    admissions: Admissions, group: StakeholderGroup, person_ids: Sequence[UUID] | None, caller: Caller
) -> None:
    """Raise Invalid where the group is not let in by invitation, or where somebody invites themselves."""
    if admissions.get(group) != "invitation":
        detail = "This survey does not let people of this group in by invitation. See its `groups`."
        raise Invalid(errors=[FieldError(pointer="/group", detail=detail)])
    if caller.id in (person_ids or ()):
        detail = "Nobody says of themselves which group they speak for. Let a colleague invite you."
        raise Invalid(errors=[FieldError(pointer="/person_ids", detail=detail)])


def token_hash(secret: bytes) -> bytes:
    """Return what is stored of a token: 128 random bits cannot be found from their SHA-256."""
    return hashlib.sha256(secret).digest()
