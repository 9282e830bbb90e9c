"""Harvests what is due, page by page.

A page is fetched while no transaction is open, and taken in one: its records, and the token by which the list goes
on. A worker that is killed loses nothing but the page in hand, and any worker goes on from there after five minutes.
Where a page cannot be taken as a whole, each record is taken by itself, and what cannot be is put in quarantine.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.evidence.exchange.harvests import protocol, queries, rules
from services.evidence.exchange.harvests.fetching import AskedToWait, Forbidden, Unreachable, fetch
from services.evidence.exchange.harvests.protocol import Answer, Found, NotAnAnswer
from services.evidence.exchange.harvests.tables import Harvest, HarvestRun
from services.evidence.exchange.harvests.taking import refusal, take_records
from shared import clock
from shared.callers import Caller
from shared.messaging.dispatcher import describe, is_outage
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import Problem

logger = logging.getLogger(__name__)

LOOK_EVERY_SECONDS = 5.0
GIVEN_UP = " The run was given up after {attempts} attempts; what it had taken is kept."


@dataclass(frozen=True, slots=True)
class Claim:
    """A page that this worker has in hand."""

    harvest: Harvest
    run: HarvestRun
    version: int
    """Of the run: another one means that somebody else has gone on."""

    @property
    def caller(self) -> Caller:
        return Caller(self.harvest.harvester_id, self.harvest.harvester_kind)


class Harvester:
    """`harvest` is the worker's job. `private`: whether sources may lie in a private network."""

    def __init__(self, *, private: bool = False) -> None:
        self.private = private

    async def harvest(self, database: Database, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if await self.next_page(database):
                continue
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await stop.wait()

    async def next_page(self, database: Database) -> bool:
        """Returns whether there was something to do."""
        claim = await claimed(database)
        if claim is None:
            return False
        try:
            by_day, answer = await self._asked(claim)
        except AskedToWait as pause:
            await _note(database, claim, "The source asked to wait.", wait=pause.seconds)
        except (Unreachable, NotAnAnswer) as error:
            await _note(database, claim, str(error), for_good=isinstance(error, Forbidden))
        else:
            await self._taken(database, claim, answer, by_day=by_day)
        return True

    async def _taken(self, database: Database, claim: Claim, answer: Answer, *, by_day: bool) -> None:
        try:
            await take_answer(database, claim, answer, by_day=by_day)
        except Exception as error:
            if is_outage(error):
                raise
            logger.warning("a page of the harvest %s failed: %s", claim.harvest.id, describe(error))
            await _note(database, claim, "A page could not be taken. Tell us if it happens again.")

    async def _asked(self, claim: Claim) -> tuple[bool, Answer]:
        """The next page, and whether the source's clock counts days: asked with the last page, when it is wanted."""
        url, run = claim.harvest.base_url, claim.run
        content = await fetch(url, rules.arguments(claim.harvest, run), private=self.private)
        answer = await asyncio.to_thread(protocol.page, content)
        if answer.token:
            return False, answer
        identity = await fetch(url, {"verb": "Identify"}, private=self.private)
        return protocol.granularity_is_a_day(identity), answer


async def claimed(database: Database) -> Claim | None:
    """Begins the runs that are due, and takes in hand the page that has been due for longest."""
    now = clock.now()
    async with database.transaction() as uow:
        while (due := await queries.lock_next_due_harvest(uow.session, now)) is not None:
            begun = rules.begin(due, now)
            uow.save(begun)
            await uow.session.flush()
            await queries.note_schedule(uow.session, due.id, next_at=None, run_id=begun.id)
        run = await queries.lock_next_due_run(uow.session, now)
        if run is None:
            return None
        harvest = await queries.harvest_of(uow.session, run.harvest_id)
        run.try_at = now + rules.IN_HAND
        await uow.session.flush()
        return Claim(harvest, run, run.version)


async def take_answer(database: Database, claim: Claim, answer: Answer, *, by_day: bool) -> None:
    if answer.error is not None and answer.error != "noRecordsMatch":
        told = f"The source refused ({answer.error}): {answer.error_text or 'it says no more'}."
        await _note(database, claim, told, for_good=True)
        return
    try:
        async with database.transaction(claim.caller) as uow:
            run = await queries.lock_run(uow.session, claim.run.id, claim.version)
            if run is not None:
                counts = await take_records(uow, claim.harvest, run.id, answer.records)
                await _turn(uow, claim, run, answer, counts, by_day=by_day)
    except Exception as error:
        if is_outage(error):
            raise
        logger.warning("a page of the harvest %s is taken record by record: %s", claim.harvest.id, describe(error))
        counts = await _one_by_one(database, claim, answer.records)
        async with database.transaction(claim.caller) as uow:
            run = await queries.lock_run(uow.session, claim.run.id, claim.version)
            if run is not None:
                await _turn(uow, claim, run, answer, counts, by_day=by_day)


async def _one_by_one(database: Database, claim: Claim, records: Sequence[Found]) -> rules.Counts:
    counts = rules.Counts()
    for found in records:
        try:
            async with database.transaction(claim.caller) as uow:
                if await queries.lock_run(uow.session, claim.run.id, claim.version) is None:
                    break
                taken = await take_records(uow, claim.harvest, claim.run.id, [found])
        except Exception as error:
            if is_outage(error):
                raise
            reason = f"{error.title}. {error.detail}" if isinstance(error, Problem) else describe(error)
            async with database.transaction(claim.caller) as uow:
                if await queries.lock_run(uow.session, claim.run.id, claim.version) is None:
                    break
                await queries.quarantine(uow.session, [refusal(claim.harvest, claim.run.id, found, reason)])
            taken = rules.Counts(quarantined=1)
        counts.add(taken)
    return counts


async def _turn(
    uow: UnitOfWork, claim: Claim, run: HarvestRun, answer: Answer, counts: rules.Counts, *, by_day: bool
) -> None:
    now, asked = clock.now(), run.token
    rules.turn(run, counts, answer.at, answer.token, answer.size, now)
    if rules.goes_in_a_circle(run, asked):
        run.status, run.finished_at, run.problem = "failed", now, rules.CIRCLE
        await _end(uow, claim.harvest.id)
    elif answer.token is None:
        run.status, run.finished_at = "done", now
        since = rules.next_since(claim.harvest, run, by_day=by_day)
        await _end(uow, claim.harvest.id, since=since)


async def _note(
    database: Database, claim: Claim, problem: str, *, wait: float | None = None, for_good: bool = False
) -> None:
    """A page did not come. A source that asked for a pause gets it."""
    async with database.transaction(claim.caller) as uow:
        run = await queries.lock_run(uow.session, claim.run.id, claim.version)
        if run is None:
            return
        now = clock.now()
        if wait is not None:
            rules.wait(run, problem, wait, now)
        elif rules.fail(run, problem, now, for_good=for_good):
            run.status, run.finished_at = "failed", now
            run.problem = problem + ("" if for_good else GIVEN_UP.format(attempts=run.attempts))
            await _end(uow, claim.harvest.id)


async def _end(uow: UnitOfWork, harvest_id: UUID, **learned: str | None) -> None:
    """Plan the next run as the harvest is set today."""
    harvest = await queries.harvest_of(uow.session, harvest_id)
    await queries.note_schedule(uow.session, harvest_id, next_at=rules.next_at(harvest, clock.now()), **learned)
