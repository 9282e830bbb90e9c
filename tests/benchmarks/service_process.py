"""What benchmarks of a service start: a PostgreSQL with its tables, and its API process, as in production."""

import asyncio
import os
import subprocess
import sys
from contextlib import ExitStack

import httpx
import psutil

from deploy.engines import host
from deploy.engines.postgres import Cluster
from shared.persistence.migrations import schema
from tests.support.engines import PASSWORD, postgres
from tests.support.settings import settings_for_tests

START_TIMEOUT_SECONDS = 120


async def start_database(service: str, stack: ExitStack) -> tuple[Cluster, str]:
    """Start a PostgreSQL that syncs its commits. Returns it, and the URL of the service's migrated database."""
    cluster = stack.enter_context(postgres(safe=True))
    url = cluster.url(service, service, PASSWORD)
    await schema.upgrade(f"services.{service}", url)
    return cluster, url


async def start_api(service: str, database_url: str, stack: ExitStack, **settings: int) -> tuple[psutil.Process, int]:
    """Start the API process of the service and wait until it is ready. Returns the process and its port."""
    port = host.free_port()
    values = {**settings_for_tests(), f"{service}_database_url": database_url, "log_level": "WARNING", **settings}
    process = _serve(service, port, {name.upper(): str(value) for name, value in values.items()}, stack)
    async with asyncio.timeout(START_TIMEOUT_SECONDS), httpx.AsyncClient() as http:
        while not await _is_ready(http, port):
            if process.poll() is not None:
                raise SystemExit(f"{service} ended with {process.returncode} before it was ready")
            await asyncio.sleep(0.2)
    return psutil.Process(process.pid), port


def _serve(service: str, port: int, settings: dict[str, str], stack: ExitStack) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "deploy.cli.main", "serve", service, "--port", str(port)]
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=sys.stderr)
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


async def _is_ready(http: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await http.get(f"http://127.0.0.1:{port}/health/ready")).status_code == 200
    except httpx.ConnectError:
        return False
