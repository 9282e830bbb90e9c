"""Finds services that accept connections and never answer, which no circuit breaker sees."""

import asyncio
from collections.abc import Collection
from typing import Final

import aiohttp

from gateway.http_client.client import UpstreamClient
from shared.service.background import BackgroundJob
from shared.waiting import repeat_until

PROBE_INTERVAL_SECONDS: Final = 2.0
PROBE_TIMEOUT_SECONDS: Final = 2.0
MISSED_PROBES: Final = 3
"""A service that has missed so many in a row is not asked until it answers one."""


def probe_services(
    client: UpstreamClient,
    origins: Collection[str],
    *,
    interval: float = PROBE_INTERVAL_SECONDS,
    timeout: float = PROBE_TIMEOUT_SECONDS,
) -> BackgroundJob:
    """Return a job that asks each service regularly whether it is alive. Any answer is one, whatever its status."""

    async def probe_regularly(stop: asyncio.Event) -> None:
        missed = dict.fromkeys(origins, 0)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout)) as http:

            async def probe(origin: str) -> None:
                missed[origin] = 0 if await _answers(http, origin) else missed[origin] + 1
                client.upstream(origin).breaker.responding = missed[origin] < MISSED_PROBES

            async def probe_all() -> None:
                await asyncio.gather(*map(probe, missed))

            await repeat_until(stop, probe_all, interval=interval)

    return probe_regularly


async def _answers(http: aiohttp.ClientSession, origin: str) -> bool:
    try:
        async with http.get(f"{origin}/health/live"):
            return True
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False
