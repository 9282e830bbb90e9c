"""For tests: callers, clients, a service on a fresh database, and events handed to handlers as the consumer does."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from fastapi import FastAPI
from sqlalchemy import select

from shared.auth import HEADER, Caller, sign
from shared.database import Database
from shared.events import Event, published_events
from shared.outbox import outbox


@cache
def caller_keys() -> tuple[str, str]:
    """A private and a public key (PEM) for this test run."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def settings_for_tests() -> dict[str, Any]:
    """What every settings class needs; add the service's database and the rest."""
    return {
        "caller_public_key": caller_keys()[1],
        "cursor_key": "a key for this test run alone",
        "field_key": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "public_url": "http://testserver",
    }


@asynccontextmanager
async def running(app: FastAPI) -> AsyncGenerator[FastAPI]:
    """The app with its lifespan: database, jobs and the rest."""
    async with app.router.lifespan_context(app):
        yield app


def client(app: FastAPI, caller: Caller | None = None, **headers: str) -> httpx.AsyncClient:
    """A client whose requests come as the gateway sends them for this caller (nobody in particular when None)."""
    signed = sign(caller or Caller(), caller_keys()[0])
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://testserver", headers={HEADER: signed, **headers})


async def published(database: Database) -> Sequence[Event]:
    """What waits in the outbox, in order."""
    async with database.engine.connect() as connection:
        rows = (await connection.execute(select(outbox).order_by(outbox.c.id))).all()
    return [published_events()[row.type].model_validate_json(row.data) for row in rows]
