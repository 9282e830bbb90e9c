"""Posts what the library lacks, once: what is there already has its title, or the platform refuses it (409).

Each POST has an Idempotency-Key made of what it says, so that one whose answer was lost has no second effect.
"""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import orjson

from deploy.demo.client import PublicClient, RequestRefused
from deploy.demo.library.contents import Entry
from shared.problems import RequestInProgress

T = TypeVar("T")
CONCURRENCY = 4
"""How many requests are on their way at once. More would take the processors from those who look around meanwhile."""

IN_PROGRESS_SECONDS = 30


@dataclass(slots=True)
class Planter:
    """The personas' clients, and the ids of what is planted by the keys of the files."""

    clients: Mapping[str, PublicClient]
    ids: dict[str, str] = field(default_factory=dict[str, str])

    def id_of(self, key: str) -> str:
        return self.ids[key]

    def ids_of(self, keys: Iterable[str]) -> list[str]:
        return [self.ids[key] for key in keys]

    async def post(
        self, persona: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Entry:
        """Post as this persona. Raises RequestRefused.

        What an earlier run has sent may still be in progress: then wait for its response.
        """
        all_headers = {"Idempotency-Key": idempotency_key(path, body), **(headers or {})}
        deadline = time.monotonic() + IN_PROGRESS_SECONDS
        while True:
            try:
                return await self.clients[persona].post(path, body, headers=all_headers)
            except RequestRefused as error:
                in_progress = str(error.problem.get("type")).endswith(f"/{RequestInProgress.slug()}")
                if not in_progress or time.monotonic() > deadline:
                    raise
            await asyncio.sleep(0.2)

    async def post_unless_done(self, persona: str, path: str, body: object = None) -> None:
        """Post what the platform refuses a second time."""
        await unless_done(self.post(persona, path, body))

    async def create(
        self, persona: str, path: str, body: Entry, existing: Mapping[str, str], name: str = "title"
    ) -> str:
        """Return the id of what has this name: of `existing`, or created."""
        return existing.get(body[name]) or (await self.post(persona, path, body))["id"]

    async def titles(self, persona: str, path: str, name: str = "title") -> dict[str, str]:
        """Return the ids of all that this list has, by title."""
        return {view[name]: view["id"] async for view in self.list(persona, path)}

    async def list(self, persona: str, path: str) -> AsyncIterator[Entry]:
        """Yield everything of a list."""
        address: str | None = f"{path}{'&' if '?' in path else '?'}limit=200"
        while address:
            page = await self.clients[persona].get(address)
            for view in page["items"]:
                yield view
            address = page["next"]


def idempotency_key(path: str, body: object) -> str:
    """Return the same key for the same request, also of another run."""
    content = orjson.dumps([path, body], option=orjson.OPT_SORT_KEYS)
    return f'"{hashlib.sha256(content).hexdigest()[:40]}"'


async def unless_done(request: Awaitable[object]) -> None:
    """Make a request, unless the platform says that this is done already. Raises other refusals."""
    try:
        await request
    except RequestRefused as error:
        if error.status != 409:
            raise


async def for_each(entries: Iterable[T], work: Callable[[T], Awaitable[None]]) -> None:
    """Do the work of each entry, some at once."""
    remaining = iter(entries)

    async def take() -> None:
        for entry in remaining:
            await work(entry)

    tasks = [asyncio.create_task(take()) for _ in range(CONCURRENCY)]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
