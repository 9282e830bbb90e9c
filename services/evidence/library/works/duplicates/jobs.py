"""Compares each work that came or changed with those that share a key with it.

A change is noted by a trigger in the transaction that makes it, and the note goes in the transaction that compared
it: a worker that is killed repeats its part, and none is passed over. One worker compares at a time, so that two works
which come together cannot miss each other.
"""

import asyncio
import contextlib

from services.evidence.library.works.duplicates import comparing, queries
from shared.persistence.database import Database

CHANGES_AT_ONCE = 500
LOOK_EVERY_SECONDS = 1.0


async def compare_works(database: Database, stop: asyncio.Event) -> None:
    """The worker's job: as long as it runs."""
    while not stop.is_set():
        if await compare_next(database):
            continue
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await stop.wait()


async def compare_next(database: Database) -> bool:
    """The oldest changes that wait. Returns whether there were any; not while another process is at it."""
    async with database.transaction() as uow:
        if not await queries.may_compare(uow.session):
            return False
        notes, items = await queries.pending(uow.session, CHANGES_AT_ONCE)
        if notes:
            await comparing.compare_changed(uow, items)
            await queries.forget_pending(uow.session, notes)
        return bool(notes)
