"""Reads the lists that wait, part by part, and holds works that come later against what was listed.

Each part is one transaction: its notices, the items that they flag with their events, what became of each row, and
the byte where the next part begins. A worker that is killed loses nothing but the part in hand. One worker reads or
checks at a time, so that a work which comes while a list is read is flagged by the one or by the other.
"""

import asyncio
import contextlib
import logging
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from services.evidence.exchange.retraction_lists import queries, rules
from services.evidence.exchange.retraction_lists.rows import Row, RowReader
from services.evidence.exchange.retraction_lists.tables import RetractionList
from services.evidence.library.items import changing
from services.evidence.library.items.tables import Item
from shared import clock
from shared.callers import Caller
from shared.messaging.dispatcher import describe, is_outage
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)

ROWS_IN_PART = 500
BYTES_IN_PART = 4 * 1024 * 1024
WORKS_AT_ONCE = 1_000
MOST_ATTEMPTS = 8
"""Of one part, the pause doubling each time: about four minutes altogether."""
LOOK_EVERY_SECONDS = 1.0

GIVEN_UP = (
    "The reading stopped {times} times after row {listed} and was given up. What was read until there holds. Send the "
    "file again to go on: rows that come twice change nothing. Tell us if it happens again."
)


@dataclass
class Part:
    """The next rows of a file, and where the one after them begins."""

    rows: list[Row] = field(default_factory=list[Row])
    end: int = 0
    next_line: int = 1
    last: bool = False


@dataclass(frozen=True, slots=True)
class Tried:
    """A list as it stood before its next part."""

    list_id: UUID
    version: int
    sender: Caller


async def read_retractions(database: Database, stop: asyncio.Event) -> None:
    """The worker's job: as long as it runs."""
    while not stop.is_set():
        if await read_next_part(database) or await check_next(database):
            continue
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await stop.wait()


async def read_next_part(database: Database) -> bool:
    """Returns whether there was something to read. An outage is raised, and changes nothing."""
    tried: Tried | None = None
    try:
        async with database.transaction() as uow:
            if not await queries.may_read(uow.session):
                return False
            listed = await queries.lock_next_due(uow.session, clock.now())
            if listed is None:
                return False
            tried = Tried(listed.id, listed.version, Caller(listed.sender_id, listed.sender_kind))
            uow.caller = tried.sender
            await _take_part(uow, listed)
    except Exception as error:
        if tried is None or is_outage(error):
            raise
        logger.warning("a part of the list of retractions %s failed: %s", tried.list_id, describe(error))
        await _note_failure(database, tried)
    return True


async def check_next(database: Database) -> bool:
    """Hold the works that came last against what was listed. Returns whether there were any."""
    async with database.transaction() as uow:
        if not await queries.may_read(uow.session):
            return False
        notes, works = await queries.unchecked(uow.session, WORKS_AT_ONCE)
        if notes:
            await _flag(uow, (await queries.said_of(uow.session, works)).keys())
            await queries.forget_unchecked(uow.session, notes)
        return bool(notes)


async def _note_failure(database: Database, tried: Tried) -> None:
    """Unless another worker has gone on from there meanwhile."""
    async with database.transaction(tried.sender) as uow:
        listed = await queries.lock_unfinished(uow.session, tried.list_id)
        if listed is None or listed.version != tried.version:
            return
        listed.status = "running"
        listed.attempts += 1
        listed.try_at = clock.now() + timedelta(seconds=2**listed.attempts)
        if listed.attempts >= MOST_ATTEMPTS:
            await _finish(uow, listed, GIVEN_UP.format(times=MOST_ATTEMPTS, listed=listed.listed))


async def _take_part(uow: UnitOfWork, listed: RetractionList) -> None:
    part = await _next_part(uow, listed)
    rows = [row for row in part.rows if row.broken or row.content.strip()]
    if listed.columns is None and rows:
        found = rules.header(rows.pop(0).content)
        if found is None:
            await _finish(uow, listed, rules.NOT_A_LIST)
            return
        listed.columns, listed.delimiter = found
    await _take_rows(uow, listed, rows)
    listed.done, listed.next_line = part.end, part.next_line
    listed.status, listed.attempts, listed.try_at = "running", 0, None
    if part.last:
        await _finish(uow, listed, None if listed.columns else rules.NOT_A_LIST)


async def _take_rows(uow: UnitOfWork, listed: RetractionList, rows: list[Row]) -> None:
    notices: list[rules.Notice] = []
    rejects: list[dict[str, Any]] = []
    for number, row in enumerate(rows, listed.listed + 1):
        notice = rules.understand(row, listed.columns or [], listed.delimiter, listed.source)
        if isinstance(notice, str):
            rejects.append({"list_id": listed.id, "number": number, "line": row.line, "reason": notice})
        else:
            notices.append(notice)
    await queries.add_rejects(uow.session, rejects)
    await queries.keep_notices(uow.session, notices)
    holders = await queries.holders(uow.session, {name for notice in notices for name in notice.names})
    shown, changed = await _flag(uow, holders.values())
    for notice in notices:
        items = [shown[holders[name]] for name in notice.names if name in holders and holders[name] in shown]
        said = notice.retraction.model_dump(mode="json")
        if not items:
            listed.not_held += 1
        elif any(item.id in changed and item.retraction == said for item in items):
            listed.flagged += 1
        else:
            listed.already += 1
    listed.listed += len(rows)
    listed.rejected += len(rejects)


async def _flag(uow: UnitOfWork, ids: Collection[UUID]) -> tuple[dict[UUID, Item], set[UUID]]:
    """Note on these items what stands of all that was listed. Returns those that are shown, and those that changed."""
    if not ids:
        return {}, set()
    shown = await queries.lock_shown(uow.session, ids)
    said = await queries.said_of(uow.session, shown.keys())
    changed: set[UUID] = set()
    for item_id, notices in sorted(said.items()):
        item, now = shown[item_id], rules.standing(notices)
        before = item.retraction
        if now is not None:
            await changing.retract(uow, item, now)
        if item.retraction != before:
            changed.add(item_id)
    await uow.session.flush()
    return shown, changed


async def _next_part(uow: UnitOfWork, listed: RetractionList) -> Part:
    reader = RowReader(listed.done, listed.next_line)
    rows: list[Row] = []
    taken = 0
    async for content in queries.content_from(uow.session, listed.id, listed.done):
        rows.extend(reader.feed(content))
        taken += len(content)
        if rows and (len(rows) >= ROWS_IN_PART or taken >= BYTES_IN_PART):
            del rows[ROWS_IN_PART:]
            return Part(rows, rows[-1].end, rows[-1].next_line)
    rows.extend(reader.finish())
    last = len(rows) <= ROWS_IN_PART
    del rows[ROWS_IN_PART:]
    return Part(rows, listed.total if last else rows[-1].end, reader.line if last else rows[-1].next_line, last)


async def _finish(uow: UnitOfWork, listed: RetractionList, problem: str | None) -> None:
    listed.status = "failed" if problem else "done"
    listed.problem = problem
    listed.finished_at = clock.now()
    await queries.forget_content(uow.session, listed.id)
