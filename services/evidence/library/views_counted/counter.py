"""Counts impressions and views of items in memory, and adds them to the day's rows in batches."""

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from fastapi import Request
from sqlalchemy.dialects.postgresql import insert

from services.evidence.library.views_counted.tables import view_counts
from shared import clock
from shared.persistence.unit_of_work import Database
from shared.waiting import repeat_until

ViewKind = Literal["shown", "opened"]
"""`shown`: on a page of search results. `opened`: read by itself."""
FLUSH_INTERVAL_SECONDS = 5.0

_insert = insert(view_counts)
_add = _insert.on_conflict_do_update(
    constraint=view_counts.primary_key, set_={"number": view_counts.c.number + _insert.excluded.number}
)


class ViewCounter:
    """The counts of one API process. `run` is its job: it adds them to the day's rows every five seconds.

    It writes once more when the process stops. A process that is killed loses five seconds of counts at most.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._counts: Counter[tuple[str, ViewKind]] = Counter()

    def count_shown(self, ways_of_knowing: Iterable[str]) -> None:
        """Count items on a page of search results: the way of knowing of each."""
        self._counts.update((way, "shown") for way in ways_of_knowing)

    def count_opened(self, way_of_knowing: str) -> None:
        """Count one item that was opened."""
        self._counts[way_of_knowing, "opened"] += 1

    async def run(self, stop: asyncio.Event) -> None:
        """Write the counts until the event is set, and once more then."""
        await repeat_until(stop, self.flush, interval=FLUSH_INTERVAL_SECONDS)
        await self.flush()

    async def flush(self) -> None:
        """Write the counts. What cannot be written is kept for the next time."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        today = clock.today()
        rows = [
            {"day": today, "way_of_knowing": way, "kind": kind, "number": number}
            for (way, kind), number in sorted(counts.items())
        ]
        is_written = False
        try:
            async with self.database.transaction() as uow:
                await uow.session.execute(_add, rows)
            is_written = True
        finally:
            if not is_written:
                self._counts.update(counts)


def view_counter_of(request: Request) -> ViewCounter:
    """Return the counter of this process."""
    return request.app.state.view_counter
