"""Keeps this process's index up with the database: without a gap, whatever is committed in whatever order.

A change is noted with the number of its transaction. Numbers are given at the beginning and become visible at the end,
so a plain "everything above the last number I saw" would lose whoever began early and committed late. Everything from
the oldest transaction that was still under way is therefore read again, and what was applied already is passed over.

A restore may bring numbers that the cluster has not reached yet: those changes are long finished, and come before any
that are made here.
"""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import asyncpg
from prometheus_client import Gauge

from services.evidence.search import queries
from services.evidence.search.index import SearchIndex
from services.evidence.search.tables import CHANNEL
from shared.database import Database

LOOK_EVERY_SECONDS = 1.0
START = (0, UUID(int=0))
BEFORE = 0

items = Gauge("impact_search_items", "Items that this process's search index holds")


class Follower:
    """`follow` is a job of the API process; `check` says whether the index is complete yet."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self.database = database
        self.index = index
        self.complete = False
        self._since = 0
        self._applied: dict[UUID, int] = {}
        """Transactions from `_since` on that are in the index, by item."""
        self._knocked = asyncio.Event()

    async def check(self) -> str | None:
        return None if self.complete else "the search index is still being built"

    async def follow(self, stop: asyncio.Event) -> None:
        """Until told to stop. When it fails and is started again it goes on from where it was."""
        listener: asyncpg.Connection[Any] = await asyncpg.connect(self.database.dsn)
        try:
            await listener.add_listener(CHANNEL, self._knock)
            while not stop.is_set():
                self._knocked.clear()
                await self.catch_up()
                if listener.is_closed():
                    raise ConnectionError("the database let go of the listener")
                await self._wait(stop)
        finally:
            listener.terminate()

    async def catch_up(self) -> int:
        """Bring the index to the present. Returns how many changes were applied."""
        horizon: int | None = None
        after, applied = START, 0
        while True:
            async with self.database.session() as session:
                found = await queries.changes(session, self._since, after)
            horizon = found.horizon if horizon is None else horizon
            applied += await asyncio.to_thread(self._apply, found)
            if found.complete:
                break
            after = next(reversed(found.entries))
        if applied:
            await asyncio.to_thread(self.index.show)
            items.set(self.index.size)
        self._since = max(self._since, horizon)
        self._applied = {item: number for item, number in self._applied.items() if number >= self._since}
        self.complete = True
        return applied

    def _apply(self, found: queries.Changes) -> int:
        new = {
            (number if number < found.begun else BEFORE, item): entry for (number, item), entry in found.entries.items()
        }
        new = {(number, item): entry for (number, item), entry in new.items() if self._applied.get(item, -1) < number}
        gone = [str(item) for (_, item), entry in new.items() if entry is None]
        self.index.apply((entry for entry in new.values() if entry is not None), gone)
        self._applied.update({item: number for number, item in new})
        return len(new)

    def _knock(self, *_: object) -> None:
        self._knocked.set()

    async def _wait(self, stop: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(each.wait()) for each in (self._knocked, stop)]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait(waiting, timeout=LOOK_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
