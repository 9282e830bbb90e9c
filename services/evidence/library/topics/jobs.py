"""What moves priorities besides surveys: voices that were noted, and those of a year ago, which stop counting."""

import asyncio
import contextlib
import time

from services.evidence.library.topics import filed, voices
from services.evidence.library.topics.weighing import Cause, reconsider
from shared.persistence.database import Database

LOOK_EVERY_SECONDS = 1.0
EVERY_SECONDS = 6 * 3600.0
AT_ONCE = 200


async def keep_priorities_of_today(database: Database, stop: asyncio.Event) -> None:
    """Within seconds what was noted is weighed; at the start and four times a day, all there is.

    Several workers do no harm: each voice is taken by one of them, and what stays is not told.
    """
    due = time.monotonic()
    while not stop.is_set():
        await weigh_what_was_noted(database)
        async with database.transaction() as uow:
            await filed.sweep_changes(uow.session)
        if time.monotonic() >= due:
            await reconsider_all(database)
            due = time.monotonic() + EVERY_SECONDS
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await stop.wait()


async def weigh_what_was_noted(database: Database) -> bool:
    """One recount for everything noted since the last. Returns whether there was anything.

    One transaction takes the notes away and weighs: a killed worker leaves them to the next.
    """
    async with database.session() as session:
        if not await voices.has_unweighed(session):
            return False
    async with database.transaction() as uow:
        await voices.hold_priorities(uow.session)
        noted = await voices.take_unweighed(uow.session)
        assemblies = [note.source_id for note in noted if note.kind == "assembly"]
        held_on = await voices.count_attendance(uow.session, assemblies) if assemblies else {}
        causes = {
            topic: Cause(note.kind, note.source_id)
            for note in noted
            for topic in (note.topics if note.kind == "request" else held_on.get(note.source_id, ()))
        }
        await reconsider(uow, causes)
    return bool(noted)


async def reconsider_all(database: Database) -> None:
    """Every topic that was ever heard of, a few at a time, so that events need not wait long."""
    async with database.session() as session:
        topics = await voices.topics_heard(session)
    for begin in range(0, len(topics), AT_ONCE):
        async with database.transaction() as uow:
            await voices.hold_priorities(uow.session)
            await reconsider(uow, dict.fromkeys(topics[begin : begin + AT_ONCE], Cause("time")))
