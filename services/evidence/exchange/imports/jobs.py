"""Reads the files that wait, part by part.

Each part is one transaction: its records, what became of them, and the byte where the next part begins. A worker that
is killed loses nothing but the part in hand, and any worker goes on from there. A part that fails by itself is tried
again later and meanwhile others have their turn; that the database was away is not counted against it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.evidence.exchange.imports import originals, queries, rules
from services.evidence.exchange.imports.kept import Understood
from services.evidence.exchange.imports.parts import Ahead, Part, Place, read_part
from services.evidence.exchange.imports.tables import Import
from services.evidence.exchange.imports.taking import Accepted, imported, publish_drafts, take
from shared import clock
from shared.callers import Caller
from shared.messaging.dispatcher import describe, is_outage
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
"""Of one part, the pause doubling each time: about four minutes altogether."""
LOOK_EVERY_SECONDS = 0.5

GIVEN_UP = (
    "The reading stopped {times} times after record {read} and was given up. What was read until there is kept. Send "
    "the file again to go on: records that are known are only matched. Tell us if it happens again."
)


@dataclass(frozen=True, slots=True)
class Tried:
    """An import as it stood before its next part."""

    import_id: UUID
    version: int
    importer: Caller


async def read_imports(database: Database, stop: asyncio.Event) -> None:
    """The worker's job: as long as it runs, files are read in the order in which they came."""
    ahead = Ahead(database)
    try:
        while not stop.is_set():
            if await read_next_part(database, ahead):
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await stop.wait()
    finally:
        await ahead.stop()


async def read_next_part(database: Database, ahead: Ahead | None = None) -> bool:
    """Returns whether there was something to read. An outage is raised, and changes nothing."""
    tried: Tried | None = None
    try:
        async with database.transaction() as uow:
            job = await queries.lock_next_due(uow.session, clock.now())
            if job is None:
                return False
            tried = Tried(job.id, job.version, Caller(job.importer_id, job.importer_kind))
            uow.caller = tried.importer
            await _take_part(uow, job, await _next_part(uow, job, ahead))
    except Exception as error:
        if tried is None or is_outage(error):
            raise
        logger.warning("a part of the import %s failed: %s", tried.import_id, describe(error))
        await _note_failure(database, tried)
    return True


async def _next_part(uow: UnitOfWork, job: Import, ahead: Ahead | None) -> Part:
    if ahead is None:
        return await read_part(uow.session, Place.of(job))
    part = await ahead.part(uow.session, Place.of(job))
    if not part.last:
        await ahead.begin(part.following)
    return part


async def _note_failure(database: Database, tried: Tried) -> None:
    """Unless another worker has gone on from there meanwhile."""
    async with database.transaction(tried.importer) as uow:
        job = await queries.lock_unfinished(uow.session, tried.import_id)
        if job is None or job.version != tried.version:
            return
        job.status = "running"
        job.attempts += 1
        job.try_at = clock.now() + timedelta(seconds=2**job.attempts)
        if job.attempts >= MOST_ATTEMPTS:
            await _finish(uow, job, GIVEN_UP.format(times=MOST_ATTEMPTS, read=job.read))


async def _take_part(uow: UnitOfWork, job: Import, part: Part) -> None:
    accepted = await _accepted(uow, part.works)
    taken = await take(uow, accepted, contributor=job.importer_id, topics=job.topics, publish=job.publish)
    if job.publish and taken.matched:
        held = set(taken.items) - {item.id for item in taken.created}
        client = job.importer_id if job.importer_kind == "client" else None
        job.published += await publish_drafts(uow, held, client=client)
    await queries.add_rejects(uow.session, part.rejects)
    await originals.keep(uow.session, job, part)
    if taken.created:
        uow.record("imported", "Import", job.id, after=imported(taken.created))
    job.read += part.size
    job.created += len(taken.created)
    job.matched += taken.matched
    job.rejected += len(part.rejects)
    job.done, job.next_line = part.end, part.next_line
    job.status, job.attempts, job.try_at = "running", 0, None
    job.strays += part.strays
    if part.last:
        await _finish(uow, job, None if job.read else rules.NO_RECORD)


async def _accepted(uow: UnitOfWork, works: Sequence[Understood]) -> list[Accepted]:
    """With the topics of this library that are called as they were where a work comes from."""
    topics = await queries.topics_called(uow.session, {name for work in works for name in work.topics})
    return [
        Accepted(
            work.description,
            work.item_id,
            work.from_a_library,
            [topics[name] for name in work.topics if name in topics],
        )
        for work in works
    ]


async def _finish(uow: UnitOfWork, job: Import, problem: str | None) -> None:
    job.status = "failed" if problem else "done"
    job.problem = problem
    job.finished_at = clock.now()
    await queries.forget_content(uow.session, job.id)
    await queries.forget_originals(uow.session, job.finished_at - rules.ORIGINALS_KEPT)
