"""Add, change and remove harvests, and carry their runs from page to page."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.evidence.exchange.harvests import queries, rules
from services.evidence.exchange.harvests.protocol.client import SourceForbidden, check_url
from services.evidence.exchange.harvests.protocol.responses import (
    InvalidResponse,
    ListRecordsResponse,
    parse_record,
)
from services.evidence.exchange.harvests.records.commands import store_records
from services.evidence.exchange.harvests.tables import Harvest, HarvestRun
from services.evidence.exchange.harvests.views import HarvestSettings, NewHarvest
from services.evidence.library.topics.queries import unknown_topics
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.http.merge_patch import merge_patch
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError


@dataclass(frozen=True, slots=True)
class PageLease:
    """The next page of a run, which is this worker's until the lease ends."""

    harvest: Harvest
    run: HarvestRun
    version: int
    """Of the run. If the run has another one, another worker has gone on with it."""


@dataclass(frozen=True, slots=True)
class HarvestedPage:
    """A page, and whether the source's datestamps are days, which is requested after the last page only."""

    response: ListRecordsResponse
    day_granularity: bool = False


async def create_harvest(uow: UnitOfWork, new: NewHarvest, caller: Caller, *, allow_private: bool) -> Harvest:
    """Add a source, whose first run is due at once. Raises SourceNotAllowed, or Invalid for unknown topics."""
    try:
        check_url(new.base_url, allow_private=allow_private)
    except SourceForbidden as error:
        raise rules.SourceNotAllowed(errors=[FieldError(pointer="/base_url", detail=str(error))]) from error
    rules.check_topics(await unknown_topics(uow.session, new.topics))
    harvest = Harvest(
        **new.model_dump(),
        harvester_id=caller.id,
        harvester_kind="client" if caller.kind == "client" else "person",
        next_at=clock.now(),
    )
    uow.save(harvest)
    return harvest


async def update_harvest(uow: UnitOfWork, harvest_id: UUID, patch: dict[str, Any], match: Match) -> Harvest:
    """Change the settings. Raises HarvestNotFound, HarvestRemoved, or RequestValidationError for the result."""
    harvest = await queries.get_harvest(uow.session, harvest_id, lock=True)
    match.check(harvest)
    current = {name: getattr(harvest, name) for name in HarvestSettings.model_fields}
    try:
        settings = HarvestSettings.model_validate(merge_patch(current, patch))
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from error
    rules.check_topics(await unknown_topics(uow.session, settings.topics))
    if settings.every_hours != harvest.every_hours and await queries.unfinished_run(uow.session, harvest_id) is None:
        harvest.next_at = None if settings.every_hours is None else clock.now()
    harvest.topics, harvest.publish, harvest.every_hours = settings.topics, settings.publish, settings.every_hours
    return harvest


async def delete_harvest(uow: UnitOfWork, harvest_id: UUID, match: Match) -> None:
    """Remove the source with its runs and its quarantine. Its items stay. Raises HarvestNotFound or HarvestRemoved."""
    harvest = await queries.get_harvest(uow.session, harvest_id)
    await queries.lock_and_clear(uow.session, harvest)
    match.check(harvest)
    harvest.removed_at, harvest.next_at, harvest.run_id = clock.now(), None, None


async def request_run(uow: UnitOfWork, harvest_id: UUID) -> Harvest:
    """Make a run due now. Raises HarvestNotFound, HarvestRemoved, HarvestRunning."""
    harvest = await queries.get_harvest(uow.session, harvest_id, lock=True)
    if await queries.unfinished_run(uow.session, harvest_id) is not None:
        raise rules.HarvestRunning(harvest_id=harvest_id)
    harvest.next_at = clock.now()
    return harvest


async def retry_record(uow: UnitOfWork, harvest_id: UUID, record_id: UUID) -> rules.RecordCounts:
    """Try again to store a quarantined record.

    Raises HarvestNotFound, HarvestRemoved, QuarantinedRecordNotFound, StillQuarantined.
    """
    harvest = await queries.get_harvest(uow.session, harvest_id)
    quarantined = await queries.lock_quarantined_record(uow.session, harvest_id, record_id)
    try:
        record = parse_record(quarantined.raw)
    except InvalidResponse as error:
        raise rules.StillQuarantined(reason=error) from error
    counts = await store_records(uow, harvest, quarantined.run_id, [record])
    if counts.quarantined:
        await uow.session.refresh(quarantined)
        raise rules.StillQuarantined(reason=quarantined.reason)
    return counts


async def lease_next_page(uow: UnitOfWork) -> PageLease | None:
    """Begin the runs that are due, and lease the page that has been due for longest."""
    now = clock.now()
    while (due := await queries.lock_next_due_harvest(uow.session, now)) is not None:
        new_run = rules.begin(due, now)
        uow.save(new_run)
        await queries.update_schedule(uow.session, due.id, next_at=None, run_id=new_run.id)
    run = await queries.lock_next_due_run(uow.session, now)
    if run is None:
        return None
    harvest = await queries.get_harvest(uow.session, run.harvest_id)
    run.try_at = now + rules.LEASE
    # The lease holds the version that this change gives the run.
    await uow.session.flush()
    return PageLease(harvest, run, run.version)


async def advance_run(
    uow: UnitOfWork, lease: PageLease, run: HarvestRun, page: HarvestedPage, counts: rules.RecordCounts
) -> None:
    """Record that a page was stored, and end the run after the last one."""
    now, previous_token, response = clock.now(), run.resumption_token, page.response
    rules.advance(
        run,
        counts,
        response_date=response.response_date,
        resumption_token=response.resumption_token,
        complete_list_size=response.complete_list_size,
        now=now,
    )
    if rules.is_circular(run, previous_token):
        rules.fail(run, rules.CIRCULAR, now)
        await _plan_next_run(uow, lease.harvest.id)
    elif response.resumption_token is None:
        rules.complete(run, now)
        since = rules.next_since(lease.harvest, run, day_granularity=page.day_granularity)
        await _plan_next_run(uow, lease.harvest.id, since=since)


async def postpone_page(uow: UnitOfWork, lease: PageLease, seconds: float) -> None:
    """Put the page off, since the source asked us to wait."""
    if (run := await queries.lock_run(uow.session, lease.run.id, lease.version)) is not None:
        rules.postpone(run, seconds, clock.now())


async def record_failure(uow: UnitOfWork, lease: PageLease, problem: str) -> None:
    """Count a failure of the page. It is tried again; after too many attempts, its run fails."""
    if (run := await queries.lock_run(uow.session, lease.run.id, lease.version)) is not None:
        rules.record_failure(run, problem, clock.now())
        if run.status == "failed":
            await _plan_next_run(uow, lease.harvest.id)


async def fail_run(uow: UnitOfWork, lease: PageLease, problem: str) -> None:
    """End the run, since trying again is of no use."""
    if (run := await queries.lock_run(uow.session, lease.run.id, lease.version)) is not None:
        rules.fail(run, problem, clock.now())
        await _plan_next_run(uow, lease.harvest.id)


async def _plan_next_run(uow: UnitOfWork, harvest_id: UUID, **changes: str | None) -> None:
    """Plan the next run by the current settings, which may have changed during the last one."""
    harvest = await queries.get_harvest(uow.session, harvest_id)
    await queries.update_schedule(uow.session, harvest_id, next_at=rules.next_at(harvest, clock.now()), **changes)
