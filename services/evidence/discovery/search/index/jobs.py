"""Keeping this process's index up to date with the database, without a gap, in whatever order transactions commit.

A change carries the number of its transaction. Numbers are assigned when transactions begin, and become visible when
they commit, so that reading "everything above the last number" would miss whatever began early and committed late.
Everything from the oldest transaction that was still under way is therefore read again, and what was applied already is
skipped.

A restore may bring numbers that the cluster has not reached yet: those changes are long finished, and come before any
that are made here. After a restore under a running process, or a failover, it is another database: the index is then
built again, as it is when the index on disk is of another database.

A deleted entry is not found any more, but tantivy keeps its words in the files until it merges their segment, which may
never happen. It drops a segment in which nothing is left: when words of deleted entries have been there for a day,
everything is therefore rewritten, page by page, while the index goes on serving.
"""

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
from prometheus_client import Gauge

from services.evidence.discovery.search.index import queries
from services.evidence.discovery.search.index.search_index import IndexPosition, SearchIndex
from services.evidence.discovery.search.index.tables import CHANNEL
from shared.persistence.database import Database
from shared.waiting import pause

POLL_INTERVAL_SECONDS = 1.0
COMMIT_PAUSE_FACTOR = 4
"""The pause after a commit of the index, in multiples of what it took: many changes in a row share one commit."""
BEFORE_FIRST = (0, UUID(int=0))
RESTORED_TRANSACTION = 0
"""Stands for the transactions of a restore that this cluster has not reached yet."""
PAGES_PER_COMMIT = 40
"""While the index is first built: a process that is killed repeats these at most."""
REWRITE_AFTER_SECONDS = 86_400.0

indexed_entries = Gauge("impact_search_items", "Items and guides that this process's search index holds")


@dataclass
class Rewrite:
    """How far everything has been rewritten."""

    started_at: float
    source: str = queries.SOURCES[0]
    after: tuple[int, UUID] = BEFORE_FIRST
    deleted_words_since: float | None = None
    """Since when there are words of deleted entries that this rewrite may not reach any more."""


class IndexFollower:
    """`follow` is a job of the API process; `check` tells its health check whether the index is complete."""

    def __init__(self, database: Database, index: SearchIndex) -> None:
        self.database = database
        self.index = index
        self._applied: dict[UUID, int] = {}
        """Transactions from `since` on that are in the index, by item or guide.

        Those of an item need not rise: the transaction that began first may change it last. Any other number is another
        change.
        """
        self._rewrite: Rewrite | None = None
        self._leaves_words = False
        """Whether what is applied but not committed yet replaces or deletes entries."""
        self._pages = 0
        self._pause_until = 0.0
        self._notified = asyncio.Event()

    async def check(self) -> str | None:
        """Return why the index cannot serve yet, or None."""
        return None if self.index.complete else "the search index is still being built"

    async def follow(self, stop: asyncio.Event) -> None:
        """Follow changes until `stop` is set. Started again after a failure, it goes on from where it was."""
        listener: asyncpg.Connection[Any] = await asyncpg.connect(self.database.dsn)
        try:
            await listener.add_listener(CHANNEL, self._notify)
            while not stop.is_set():
                self._notified.clear()
                await self.catch_up()
                await self.rewrite_page()
                if listener.is_closed():
                    raise ConnectionError("the database closed the listener's connection")
                await pause(stop, max(0.0, self._pause_until - time.monotonic()))
                await self._wait_for_changes(stop)
        finally:
            listener.terminate()

    async def catch_up(self) -> int:
        """Bring the index up to date. Returns how many changes were applied."""
        position = await self._position()
        async with self.database.session() as session:
            self.index.set_synonyms(await queries.topic_synonyms(session))
        applied = 0
        sources = queries.SOURCES
        for source in sources[sources.index(position.source) if position.source else 0 :]:
            stored = position.after if position.source == source else None
            after: tuple[int, UUID] = (stored[0], UUID(stored[1])) if stored else BEFORE_FIRST
            while True:
                async with self.database.session() as session:
                    batch = await queries.changes_since(session, source, position.since, after)
                if position.horizon is None:
                    position = replace(position, horizon=batch.horizon)
                applied += await asyncio.to_thread(self._apply, batch, position.since or position.horizon or 0)
                if batch.is_last:
                    break
                after = next(reversed(batch.entries))
                await self._commit_first_build(replace(position, source=source, after=(after[0], str(after[1]))))
        await self._commit(replace(position, source="", after=None), applied)
        return applied

    async def rewrite_page(self) -> None:
        """Rewrite one page of everything, if words of deleted entries have been in the files for long enough."""
        position = self.index.position
        if self._rewrite is None:
            deleted_since = position.deleted_words_since
            if deleted_since is None or time.time() - deleted_since < REWRITE_AFTER_SECONDS:
                return
            self._rewrite = Rewrite(started_at=time.time())
        rewrite = self._rewrite
        async with self.database.session() as session:
            batch = await queries.changes_since(session, rewrite.source, 0, rewrite.after)
        entries = [entry for entry in batch.entries.values() if entry is not None]
        await asyncio.to_thread(self.index.apply, entries, ())
        if not batch.is_last:
            rewrite.after = next(reversed(batch.entries))
        elif rewrite.source != queries.SOURCES[-1]:
            rewrite.source = queries.SOURCES[queries.SOURCES.index(rewrite.source) + 1]
            rewrite.after = BEFORE_FIRST
        else:
            self._rewrite = None
            position = replace(position, deleted_words_since=rewrite.deleted_words_since)
        await asyncio.to_thread(self.index.commit, position)

    async def _position(self) -> IndexPosition:
        """Return where to go on: at the beginning, when the index is of another database."""
        async with self.database.session() as session:
            database = await queries.database_identity(session)
        position = self.index.position
        if position.database != database.identity or position.since > database.next_transaction:
            position = IndexPosition(database=database.identity)
            self._applied = {}
            self._rewrite, self._leaves_words = None, False
            self.index.complete = False
            await asyncio.to_thread(self.index.clear, position)
        return position if position.since == 0 else replace(position, horizon=None)

    async def _commit_first_build(self, position: IndexPosition) -> None:
        """Commit some pages of a long first build, so that a process that is killed need not repeat them."""
        self._pages += 1
        if position.since == 0 and self._pages % PAGES_PER_COMMIT == 0:
            await asyncio.to_thread(self.index.commit, position)

    async def _commit(self, position: IndexPosition, applied: int) -> None:
        """Let the changes be found, and note that everything up to the horizon is in the index."""
        position = replace(position, since=max(position.since, position.horizon or 0), horizon=None)
        if self._leaves_words:
            self._leaves_words, now = False, time.time()
            position = replace(position, deleted_words_since=position.deleted_words_since or now)
            if self._rewrite is not None:
                self._rewrite.deleted_words_since = self._rewrite.deleted_words_since or now
        if applied or self.index.position.since == 0:
            started_at = time.monotonic()
            await asyncio.to_thread(self.index.commit, position)
            commit_seconds = time.monotonic() - started_at
            self._pause_until = time.monotonic() + min(COMMIT_PAUSE_FACTOR * commit_seconds, POLL_INTERVAL_SECONDS)
        indexed_entries.set(self.index.size)
        self.index.position = position
        self._applied = {id: number for id, number in self._applied.items() if number >= position.since}
        self.index.complete = True

    def _apply(self, batch: queries.ChangeBatch, since: int) -> int:
        """Apply the changes of a batch that are not in the index yet, and return how many there were."""
        changes = {
            (number if number < batch.next_transaction else RESTORED_TRANSACTION, id): entry
            for (number, id), entry in batch.entries.items()
        }
        changes = {(number, id): entry for (number, id), entry in changes.items() if self._applied.get(id) != number}
        deleted_ids = [str(id) for (_, id), entry in changes.items() if entry is None]
        self._leaves_words |= self.index.apply((entry for entry in changes.values() if entry is not None), deleted_ids)
        self._applied.update({id: number for number, id in changes if number >= since})
        return len(changes)

    def _notify(self, *_: object) -> None:
        self._notified.set()

    async def _wait_for_changes(self, stop: asyncio.Event) -> None:
        tasks = [asyncio.ensure_future(event.wait()) for event in (self._notified, stop)]
        await asyncio.wait(tasks, timeout=POLL_INTERVAL_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
