"""Keeps this process's index up with the database: without a gap, whatever is committed in whatever order.

A change is noted with the number of its transaction. Numbers are given at the beginning and become visible at the end,
so a plain "everything above the last number I saw" would lose whoever began early and committed late. Everything from
the oldest transaction that was still under way is therefore read again, and what was applied already is passed over.

A restore may bring numbers that the cluster has not reached yet: those changes are long finished, and come before any
that are made here. A restore under a running process, or a failover, makes another database of it: the index is then
built anew, and so it is when the index on disk is of another database.

What is taken out of the index is not found any more, but tantivy keeps its words in the files until it merges the
segment in which they are, and it may never do so. It drops a segment in which nothing is left: where words have lain
behind for a day, everything is therefore written anew, page by page, while the index goes on to serve.
"""

import asyncio
import contextlib
import time
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
from prometheus_client import Gauge

from services.evidence.discovery.search import queries
from services.evidence.discovery.search.index import Position, SearchIndex
from services.evidence.discovery.search.tables import CHANNEL
from shared.persistence.database import Database

LOOK_EVERY_SECONDS = 1.0
REST = 4
"""Times what a commit of the index took, before the next: each costs, and many changes in a row share one."""
START = (0, UUID(int=0))
BEFORE = 0
PAGES_A_COMMIT = 40
"""While it is first built: what a killed process does again is no more than these."""

RENEW_AFTER_SECONDS = 86_400.0

items = Gauge("impact_search_items", "Items and guides that this process's search index holds")


@dataclass
class Renewal:
    """How far everything has been written anew."""

    began: float
    source: str = queries.SOURCES[0]
    last: tuple[int, UUID] = START
    left: float | None = None
    """Since when words have been left behind that it may not reach any more."""


class Follower:
    """`follow` is a job of the API process; `check` says whether the index is complete yet."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self.database = database
        self.index = index
        self._applied: dict[UUID, int] = {}
        """Transactions from `since` on that are in the index, by item or guide.

        Of one item they do not only rise: whoever began first may change it last. Another number is another change.
        """
        self._renewal: Renewal | None = None
        self._left = False
        """Whether what is applied but not shown yet leaves words behind."""
        self._pages = 0
        self._rested_at = 0.0
        self._knocked = asyncio.Event()

    async def check(self) -> str | None:
        return None if self.index.complete else "the search index is still being built"

    async def follow(self, stop: asyncio.Event) -> None:
        """Until told to stop. When it fails and is started again it goes on from where it was."""
        listener: asyncpg.Connection[Any] = await asyncpg.connect(self.database.dsn)
        try:
            await listener.add_listener(CHANNEL, self._knock)
            while not stop.is_set():
                self._knocked.clear()
                await self.catch_up()
                await self.renew()
                if listener.is_closed():
                    raise ConnectionError("the database let go of the listener")
                await self._rest(stop)
                await self._wait(stop)
        finally:
            listener.terminate()

    async def catch_up(self) -> int:
        """Bring the index to the present. Returns how many changes were applied."""
        position = await self._position()
        async with self.database.session() as session:
            self.index.also(await queries.topic_words(session))
        applied = 0
        places = queries.SOURCES
        for source in places[places.index(position.source) if position.source else 0 :]:
            after = position.after if position.source == source else None
            last: tuple[int, UUID] = (after[0], UUID(after[1])) if after else START
            while True:
                async with self.database.session() as session:
                    found = await queries.changes(session, source, position.since, last)
                if position.horizon is None:
                    position = replace(position, horizon=found.horizon)
                applied += await asyncio.to_thread(self._apply, found, position.since or position.horizon or 0)
                if found.complete:
                    break
                last = next(reversed(found.entries))
                await self._keep(replace(position, source=source, after=(last[0], str(last[1]))))
        await self._caught_up(replace(position, source="", after=None), applied)
        return applied

    async def renew(self) -> None:
        """Write one page of everything anew, where words have lain behind for long enough."""
        position = self.index.position
        if self._renewal is None:
            if position.left is None or time.time() - position.left < RENEW_AFTER_SECONDS:
                return
            self._renewal = Renewal(began=time.time())
        renewal = self._renewal
        async with self.database.session() as session:
            found = await queries.changes(session, renewal.source, 0, renewal.last)
        entries = [entry for entry in found.entries.values() if entry is not None]
        await asyncio.to_thread(self.index.apply, entries, ())
        if not found.complete:
            renewal.last = next(reversed(found.entries))
        elif renewal.source != queries.SOURCES[-1]:
            renewal.source = queries.SOURCES[queries.SOURCES.index(renewal.source) + 1]
            renewal.last = START
        else:
            self._renewal = None
            position = replace(position, left=renewal.left)
        await asyncio.to_thread(self.index.show, position)

    async def _position(self) -> Position:
        """Where to go on; at the beginning, when the index is of another database than this one."""
        async with self.database.session() as session:
            origin, begun = await queries.origin(session)
        kept = self.index.position
        if kept.origin != origin or kept.since > begun:
            kept = Position(origin=origin)
            self._applied = {}
            self._renewal, self._left = None, False
            self.index.complete = False
            await asyncio.to_thread(self.index.clear, kept)
        return kept if kept.since == 0 else replace(kept, horizon=None)

    async def _keep(self, position: Position) -> None:
        """Of a long first build: what is done is done."""
        self._pages += 1
        if position.since == 0 and self._pages % PAGES_A_COMMIT == 0:
            await asyncio.to_thread(self.index.show, position)

    async def _caught_up(self, position: Position, applied: int) -> None:
        position = replace(position, since=max(position.since, position.horizon or 0), horizon=None)
        if self._left:
            self._left, now = False, time.time()
            position = replace(position, left=position.left or now)
            if self._renewal is not None:
                self._renewal.left = self._renewal.left or now
        if applied or self.index.position.since == 0:
            began = time.monotonic()
            await asyncio.to_thread(self.index.show, position)
            self._rested_at = time.monotonic() + min(REST * (time.monotonic() - began), LOOK_EVERY_SECONDS)
        items.set(self.index.size)
        self.index.position = position
        self._applied = {id: number for id, number in self._applied.items() if number >= position.since}
        self.index.complete = True

    def _apply(self, found: queries.Changes, since: int) -> int:
        new = {(number if number < found.begun else BEFORE, id): entry for (number, id), entry in found.entries.items()}
        new = {(number, id): entry for (number, id), entry in new.items() if self._applied.get(id) != number}
        gone = [str(id) for (_, id), entry in new.items() if entry is None]
        self._left |= self.index.apply((entry for entry in new.values() if entry is not None), gone)
        self._applied.update({id: number for number, id in new if number >= since})
        return len(new)

    def _knock(self, *_: object) -> None:
        self._knocked.set()

    async def _rest(self, stop: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, self._rested_at - time.monotonic())):
                await stop.wait()

    async def _wait(self, stop: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(each.wait()) for each in (self._knocked, stop)]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait(waiting, timeout=LOOK_EVERY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for each in waiting:
            each.cancel()
