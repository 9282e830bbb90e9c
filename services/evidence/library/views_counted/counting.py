"""Counts what is seen without a write for each request, and without a word about who saw it."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from fastapi import Request
from sqlalchemy.dialects.postgresql import insert

from services.evidence.library.views_counted.tables import tallies
from shared import clock
from shared.persistence.database import Database

How = Literal["shown", "opened"]
EVERY_SECONDS = 5.0

_new = insert(tallies)
_add: Any = _new.on_conflict_do_update(
    constraint=tallies.primary_key, set_={"number": tallies.c.number + _new.excluded.number}
)


class Counting:
    """One process's tally. `write` is a job of the API process: it adds the tally to the day's rows every five seconds.

    It writes once more when the process stops. A process that is killed loses five seconds at most: these are figures,
    not a ledger.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._tally: Counter[tuple[str, How]] = Counter()

    def shown(self, ways: Iterable[str]) -> None:
        """These items were on a page of a search: the way of knowing of each."""
        self._tally.update((way, "shown") for way in ways)

    def opened(self, way: str) -> None:
        """Somebody opened an item."""
        self._tally[way, "opened"] += 1

    async def write(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await stop.wait()
            await self.flush()

    async def flush(self) -> None:
        """What cannot be written now is kept for the next time."""
        tally, self._tally = self._tally, Counter()
        if not tally:
            return
        today = clock.today()
        rows = [
            {"day": today, "way_of_knowing": way, "how": how, "number": number}
            for (way, how), number in sorted(tally.items())
        ]
        written = False
        try:
            async with self.database.transaction() as uow:
                await uow.session.execute(_add, rows)
            written = True
        finally:
            if not written:
                self._tally.update(tally)


def counting_of(request: Request) -> Counting:
    """That of this process."""
    return request.app.state.seen
