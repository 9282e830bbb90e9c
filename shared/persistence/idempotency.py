"""Idempotency keys: a repeated request has one effect and gets the first response.

The record of a response commits with its effect. Responses may hold what is stored nowhere else in clear text
(invitations that are shown once, access needs, a person's own words), so a stored response can be decrypted only with
the caller's Idempotency-Key and the service's own key together. Where data can be withdrawn or erased, the stored
responses that name it are redacted with it: see `redact_responses`.
"""

import hashlib
import hmac
import re
from datetime import timedelta
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from fastapi import Header, Request
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from starlette.datastructures import UploadFile
from starlette.responses import Response

from shared import clock
from shared.callers import caller_of
from shared.encryption import AeadCipher
from shared.persistence.platform_tables import idempotency_records as records
from shared.problems import (
    IdempotencyKeyEmpty,
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    RequestInProgress,
    ResponseRedacted,
    SignInNeeded,
)

RETENTION_TIME = timedelta(hours=24)
BEARER_SCOPE_KEY = "impact.bearer"
"""Under this key of its scope a request has what tells anonymous callers apart, who may use equal keys."""
OMITTED_HEADERS = frozenset({"content-length", "content-type", "set-cookie"})
"""Response headers that are not stored. A session's cookie is given only to whoever sent the request first."""
CHUNK_BYTES = 256 * 1024
REDACTED_BODY = b""
"""Stored in place of a response that must not be sent again."""
_UUID7 = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class ReplayedResponse(Exception):
    """The request was handled before: `response` is the first response to it."""

    def __init__(self, response: Response) -> None:
        self.response = response


class IdempotencyRecord(NamedTuple):
    """The stored response to a request: columns of `idempotency_records`."""

    id: bytes
    fingerprint: bytes
    status: int
    headers: dict[str, str]
    body: bytes
    """Encrypted."""
    media_type: str | None


class ClaimedKey(NamedTuple):
    """A key that this request holds: the record's id, the fingerprint of the body, the cipher of the response."""

    id: bytes
    fingerprint: bytes
    cipher: AeadCipher

    def record(self, response: Response) -> IdempotencyRecord:
        """Return the record of the response, to be stored together with its effect."""
        return IdempotencyRecord(
            id=self.id,
            fingerprint=self.fingerprint,
            status=response.status_code,
            headers={key: value for key, value in response.headers.items() if key not in OMITTED_HEADERS},
            body=self.cipher.encrypt(bytes(response.body), self.id),
            media_type=response.headers.get("content-type"),
        )


def key_of(request: Request) -> str | None:
    """Return the Idempotency-Key of a POST, or None. Raises IdempotencyKeyEmpty: its sender relies on the header."""
    header = request.headers.get("idempotency-key") if request.method == "POST" else None
    key = header and header.strip().strip('"')
    if header is not None and not key:
        raise IdempotencyKeyEmpty
    return key


async def required_key(
    request: Request,
    _documented: Annotated[
        str | None,
        Header(
            alias="idempotency-key", description="A unique quoted string. Required, since this request moves money."
        ),
    ] = None,
) -> str:
    """Require the header: a dependency of endpoints that move money.

    Raises SignInNeeded, IdempotencyKeyEmpty and IdempotencyKeyRequired.
    """
    if caller_of(request).anonymous:
        raise SignInNeeded
    if key := key_of(request):
        return key
    raise IdempotencyKeyRequired


async def claim_key(request: Request, session: AsyncSession) -> None:
    """Lock the request's key, if it has one, until the transaction ends.

    Raises ReplayedResponse, ResponseRedacted, IdempotencyKeyEmpty, IdempotencyKeyReused or RequestInProgress.
    """
    key = key_of(request)
    if key is None:
        return
    bearer = request.scope.get(BEARER_SCOPE_KEY, "")
    identity = f"{caller_of(request).id}\0{bearer}\0{request.url.path}\0{key}".encode()
    record_id = hashlib.sha256(identity).digest()
    locked = await session.scalar(
        text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": int.from_bytes(record_id[:8], signed=True)}
    )
    if not locked:
        raise RequestInProgress(headers={"Retry-After": "1"})
    service_key = request.app.state.settings.cursor_key.get_secret_value().encode()
    secret = hmac.digest(service_key, b"idempotency\0" + identity, "sha256")
    fingerprint = hmac.digest(secret, await _body_of(request), "sha256")
    claimed = ClaimedKey(record_id, fingerprint, AeadCipher(secret))
    record = (await session.execute(select(records).where(records.c.id == record_id))).first()
    if record is None:
        request.scope["impact.idempotency"] = claimed
        return
    if not hmac.compare_digest(record.fingerprint, fingerprint):
        raise IdempotencyKeyReused
    headers = {**record.headers, "Idempotency-Replayed": "true"}
    if record.body == REDACTED_BODY:
        raise ResponseRedacted(headers=headers)
    body = claimed.cipher.decrypt(record.body, record_id)
    raise ReplayedResponse(Response(body, record.status, headers, record.media_type))


def record_of(request: Request, response: Response) -> IdempotencyRecord | None:
    """Return the record of the response; None for a request that holds no key."""
    claimed: ClaimedKey | None = request.scope.get("impact.idempotency")
    return claimed.record(response) if claimed else None


async def store_response(request: Request, session: AsyncSession) -> None:
    """Store the response to a request that holds a key, in the transaction of its effect."""
    claimed: ClaimedKey | None = request.scope.get("impact.idempotency")
    if claimed is None:
        return
    response: Response = request.scope["impact.response"]
    values: dict[str, Any] = claimed.record(response)._asdict()
    if request.app.state.settings.responses_are_redactable:
        values["names"] = _ids_named_in(request, response)
    await session.execute(insert(records), values)


async def redact_responses(session: AsyncSession, named_id: UUID) -> None:
    """Delete the stored responses that name this id. Their keys stay claimed: a repeat still has no second effect."""
    await session.execute(update(records).where(records.c.names.contains([named_id])).values(body=REDACTED_BODY))


async def purge(connection: AsyncConnection) -> int:
    """Delete the records that are older than a day. Returns how many."""
    statement = delete(records).where(records.c.created_at < clock.now() - RETENTION_TIME)
    return (await connection.execute(statement)).rowcount


def _ids_named_in(request: Request, response: Response) -> list[UUID]:
    texts = (request.url.path.lower().encode(), response.headers.get("location", "").encode(), bytes(response.body))
    return [UUID(digits.decode()) for digits in {digits for text in texts for digits in _UUID7.findall(text)}]


async def _body_of(request: Request) -> bytes:
    """Return the body; of a multipart upload a digest of its parts, since each sending has a new boundary."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    body_digest = hashlib.sha256()
    for name, value in (await request.form()).multi_items():
        field = [name, value.filename or ""] if isinstance(value, UploadFile) else [name, value]
        for field_text in field:
            body_digest.update(hashlib.sha256(field_text.encode()).digest())
        if isinstance(value, UploadFile):
            body_digest.update(await _digest_of(value))
    return body_digest.digest()


async def _digest_of(file: UploadFile) -> bytes:
    """Return the digest of the file's content, and rewind the file."""
    content_digest = hashlib.sha256()
    while chunk := await file.read(CHUNK_BYTES):
        content_digest.update(chunk)
    await file.seek(0)
    return content_digest.digest()
