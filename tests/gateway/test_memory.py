"""How much memory the gateway needs while large bodies pass through it, in a process of its own."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from gateway.identity.sessions import issue_session
from tests.conftest import FreshDatabase
from tests.gateway.serving import PIECE, Toy, open_socket, serving
from tests.support.ports import reserve_ports
from tests.support.settings import caller_keys, settings_for_tests

MEBIBYTE = 1024 * 1024
PASSED = 200 * MEBIBYTE
ALLOWED = 24 * MEBIBYTE


@asynccontextmanager
async def gateway_process(service_url: str, database_url: str) -> AsyncGenerator[tuple[str, psutil.Process]]:
    port = reserve_ports()
    payload = {
        **settings_for_tests(),
        "caller_private_key": caller_keys()[0],
        "gateway_database_url": database_url,
        "demo": "true",
        "public_url": f"http://127.0.0.1:{port}",
        **{f"{service}_url": service_url for service in ("evidence", "engagement", "funding")},
    }
    command = [sys.executable, "-m", "uvicorn", "gateway.main:create_app", "--factory", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **{name.upper(): value for name, value in payload.items()}},
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield payload["public_url"], psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def pieces() -> AsyncGenerator[bytes]:
    for _ in range(PASSED // len(PIECE)):
        yield PIECE


@asynccontextmanager
async def highest(process: psutil.Process) -> AsyncGenerator[list[int]]:
    """The highest resident memory while the block runs, in bytes, as the list's only number."""
    seen = [process.memory_info().rss]

    async def look() -> None:
        while True:
            seen[0] = max(seen[0], process.memory_info().rss)
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(look())
    yield seen
    looking.cancel()


async def test_large_bodies_pass_through_bounded_memory(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO", "true")
    database_url = await fresh_database("gateway")
    async with (
        serving(Toy(), open_socket()) as service_url,
        gateway_process(service_url, database_url) as (url, process),
        httpx.AsyncClient(base_url=url, timeout=60) as http,
    ):
        await up(http)
        token = {"Authorization": f"Bearer {await issue_session(database_url, 'evidence-editor')}"}
        before = process.memory_info().rss
        async with highest(process) as seen:
            uploaded = await http.post("/v1/imports", content=pieces(), headers=token)
            assert uploaded.json()["taken"] == PASSED
            async with http.stream("GET", f"/v1/exports/stream?pieces={PASSED // len(PIECE)}") as answer:
                taken = 0
                async for piece in answer.aiter_raw():
                    taken += len(piece)
            assert taken == PASSED
    assert seen[0] - before < ALLOWED


async def up(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await http.get("/health/live")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
