"""Clients that call an app in this process, as the gateway does."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI

from shared.auth import HEADER, Caller, sign
from tests.support.settings import caller_keys


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
