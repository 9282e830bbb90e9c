"""The same request twice has one effect and one answer: the record commits with the effect (P1).

Answers hold what may lie nowhere else in clear: invitations that are shown once, access needs, a person's own words.
What is kept of one can be read only with the caller's Idempotency-Key and the service's own key together. Where what
was said can be taken back, the answers that named it are forgotten with it: see `forget`.
"""

import hashlib
import hmac
import re
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from fastapi import Header, Request
from sqlalchemy import (
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from starlette.datastructures import UploadFile
from starlette.responses import Response

from shared import clock
from shared.callers import caller_of
from shared.encryption import Seal
from shared.persistence.platform_tables import idempotency_records as records
from shared.problems import AnswerForgotten, InFlight, KeyEmpty, KeyRequired, KeyReused, SignInNeeded

KEPT = timedelta(hours=24)
BEARER = "impact.bearer"
"""Where a route leaves what tells callers without a name apart: the key of one is not that of another."""
NOT_KEPT = frozenset({"content-length", "content-type", "set-cookie"})
"""Of an answer's headers. A session is given once, to whoever asked first."""
CHUNK = 256 * 1024
FORGOTTEN = b""
"""In the place of an answer that may not be given again."""
_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class Replayed(Exception):
    """This request was answered before: here is that answer."""

    def __init__(self, response: Response) -> None:
        self.response = response


class Claimed(NamedTuple):
    """A key that this request holds: the record's id, what the body comes to, and what seals the answer."""

    id: bytes
    fingerprint: bytes
    seal: Seal


def key_of(request: Request) -> str | None:
    """Raises KeyEmpty: whoever sends the header counts upon it."""
    sent = request.headers.get("idempotency-key") if request.method == "POST" else None
    key = sent and sent.strip().strip('"')
    if sent is not None and not key:
        raise KeyEmpty
    return key


async def required_key(
    request: Request,
    idempotency_key: str | None = Header(None, description="A unique quoted string; needed here, since money moves."),
) -> str:
    """A dependency for endpoints that move money."""
    if caller_of(request).anonymous:
        raise SignInNeeded
    if key := key_of(request):
        return key
    raise KeyRequired


async def claim(request: Request, session: AsyncSession) -> None:
    """Hold the key until the transaction ends. Raises Replayed, KeyReused, InFlight or AnswerForgotten."""
    key = key_of(request)
    if key is None:
        return
    holder = request.scope.get(BEARER, "")
    told = f"{caller_of(request).id}\0{holder}\0{request.url.path}\0{key}".encode()
    identity = hashlib.sha256(told).digest()
    held = await session.scalar(
        text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": int.from_bytes(identity[:8], signed=True)}
    )
    if not held:
        raise InFlight(headers={"Retry-After": "1"})
    own = request.app.state.settings.cursor_key.get_secret_value().encode()
    secret = hmac.digest(own, b"idempotency\0" + told, "sha256")
    claimed = Claimed(identity, hmac.digest(secret, await _body(request), "sha256"), Seal(secret))
    found = (await session.execute(select(records).where(records.c.id == identity))).first()
    if found is None:
        request.scope["impact.idempotency"] = claimed
        return
    if not hmac.compare_digest(found.fingerprint, claimed.fingerprint):
        raise KeyReused
    headers = {**found.headers, "Idempotency-Replayed": "true"}
    if found.body == FORGOTTEN:
        raise AnswerForgotten(headers=headers)
    raise Replayed(Response(claimed.seal.open(found.body, identity), found.status, headers, found.media_type))


async def keep(request: Request, session: AsyncSession) -> None:
    """Write the answer down beside its effect."""
    claimed: Claimed | None = request.scope.get("impact.idempotency")
    if claimed is None:
        return
    response: Response = request.scope["impact.response"]
    row: dict[str, Any] = {
        "id": claimed.id,
        "fingerprint": claimed.fingerprint,
        "status": response.status_code,
        "headers": {key: value for key, value in response.headers.items() if key not in NOT_KEPT},
        "body": claimed.seal.close(bytes(response.body), claimed.id),
        "media_type": response.headers.get("content-type"),
    }
    if request.app.state.settings.answers_can_be_forgotten:
        row["names"] = _named(request, response)
    await session.execute(insert(records), row)


async def forget(session: AsyncSession, named: UUID) -> None:
    """Let no answer that named this be given again. Its key stays taken: a repeat still has no second effect."""
    await session.execute(update(records).where(records.c.names.contains([named])).values(body=FORGOTTEN))


def _named(request: Request, response: Response) -> list[UUID]:
    told = (request.url.path.lower().encode(), response.headers.get("location", "").encode(), bytes(response.body))
    return [UUID(found.decode()) for found in {found for text in told for found in _ID.findall(text)}]


async def purge(connection: AsyncConnection) -> int:
    """Forget answers older than a day. Returns how many."""
    return (await connection.execute(delete(records).where(records.c.created_at < clock.now() - KEPT))).rowcount


async def _body(request: Request) -> bytes:
    """What was sent; of a multipart upload a digest of its parts, since its boundary is new each time."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    parts = hashlib.sha256()
    for name, value in (await request.form()).multi_items():
        told = [name, value.filename or ""] if isinstance(value, UploadFile) else [name, value]
        for text_of_part in told:
            parts.update(hashlib.sha256(text_of_part.encode()).digest())
        if isinstance(value, UploadFile):
            parts.update(await _content(value))
    return parts.digest()


async def _content(file: UploadFile) -> bytes:
    """A digest of all of it; the file is left at its beginning."""
    content = hashlib.sha256()
    while chunk := await file.read(CHUNK):
        content.update(chunk)
    await file.seek(0)
    return content.digest()
