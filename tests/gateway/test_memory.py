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
from tests.gateway.servers import CHUNK, StubService, open_socket, serve
from tests.support.ports import reserve_ports
from tests.support.settings import caller_keys, settings_for_tests

MEBIBYTE = 1024 * 1024
BODY_BYTES = 200 * MEBIBYTE
MAX_GROWTH_BYTES = 24 * MEBIBYTE


@asynccontextmanager
async def gateway_process(service_url: str, database_url: str) -> AsyncGenerator[tuple[str, psutil.Process]]:
    port = reserve_ports()
    payload = {
        **settings_for_tests(),
        "caller_private_key": caller_keys()[0],
        "gateway_database_url": database_url,
        "demo": "true",
        "public_url": f"http://127.0.0.1:{port}",
        "drain_seconds": "0",
        **{f"{service}_url": service_url for service in ("evidence", "engagement", "funding")},
    }
    command = [sys.executable, "-m", "deploy.cli.main", "serve", "gateway", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, **{name.upper(): str(value) for name, value in payload.items()}},
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        yield payload["public_url"], psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


async def chunks() -> AsyncGenerator[bytes]:
    for _ in range(BODY_BYTES // len(CHUNK)):
        yield CHUNK


@asynccontextmanager
async def watch_memory(process: psutil.Process) -> AsyncGenerator[list[int]]:
    """Yield a list whose only number is the highest resident memory while the block runs, in bytes."""
    highest = [process.memory_info().rss]

    async def watch() -> None:
        while True:
            highest[0] = max(highest[0], process.memory_info().rss)
            await asyncio.sleep(0.01)

    watching = asyncio.create_task(watch())
    yield highest
    watching.cancel()


async def test_large_bodies_pass_through_bounded_memory(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEMO", "true")
    database_url = await fresh_database("gateway")
    async with (
        serve(StubService(), open_socket()) as service_url,
        gateway_process(service_url, database_url) as (url, process),
        httpx.AsyncClient(base_url=url, timeout=60) as http,
    ):
        await wait_until_live(http)
        token = {"Authorization": f"Bearer {await issue_session(database_url, 'evidence-editor')}"}
        before = process.memory_info().rss
        async with watch_memory(process) as highest:
            uploaded = await http.post("/v1/imports", content=chunks(), headers=token)
            assert uploaded.json()["body_bytes"] == BODY_BYTES
            async with http.stream("GET", f"/v1/exports/stream?chunks={BODY_BYTES // len(CHUNK)}") as response:
                received_bytes = 0
                async for chunk in response.aiter_raw():
                    received_bytes += len(chunk)
            assert received_bytes == BODY_BYTES
    assert highest[0] - before < MAX_GROWTH_BYTES


async def wait_until_live(http: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await http.get("/health/live")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)
