"""Harvests what is due, page by page.

A page is requested while no transaction is open, and stored in one, with its records and the token by which the list
goes on. A worker that is killed loses nothing but the page that it had leased, and any worker goes on from there after
five minutes. If a page cannot be stored as a whole, each record is stored by itself or quarantined; while somebody
changes one of its items, it waits.
"""

import asyncio
import logging
from collections.abc import Sequence

from services.evidence.exchange.harvests import commands, queries, rules
from services.evidence.exchange.harvests.commands import HarvestedPage, PageLease
from services.evidence.exchange.harvests.protocol import client, responses
from services.evidence.exchange.harvests.protocol.responses import HarvestedRecord
from services.evidence.exchange.harvests.records.commands import quarantine_entry, reason_of, store_records
from services.evidence.exchange.harvests.records.queries import quarantine
from shared.messaging.dispatcher import describe, is_locked, is_outage
from shared.persistence.database import Database
from shared.problems import Problem
from shared.waiting import repeat_until

logger = logging.getLogger(__name__)

POLL_INTERVAL_SECONDS = 5.0


class Harvester:
    """The worker's job that harvests. `allow_private`: whether sources may be in a private network."""

    def __init__(self, *, allow_private: bool = False) -> None:
        self.allow_private = allow_private

    async def run(self, database: Database, stop: asyncio.Event) -> None:
        """Harvest what is due until stopped."""
        await repeat_until(stop, lambda: self.process_next_page(database), interval=POLL_INTERVAL_SECONDS)

    async def process_next_page(self, database: Database) -> bool:
        """Request the page that is due next, and store it. Returns whether there was one."""
        lease = await lease_next_page(database)
        if lease is None:
            return False
        try:
            page = await self._request_page(lease)
        except client.RetryLater as error:
            async with database.transaction(lease.harvest.harvester) as uow:
                await commands.postpone_page(uow, lease, error.seconds)
        except client.SourceForbidden as error:
            await fail_run(database, lease, str(error))
        except (client.SourceUnavailable, responses.InvalidResponse) as error:
            await record_failure(database, lease, str(error))
        else:
            await self._store(database, lease, page)
        return True

    async def _store(self, database: Database, lease: PageLease, page: HarvestedPage) -> None:
        try:
            await store_page(database, lease, page)
        except Exception as error:
            if is_outage(error):
                raise
            logger.warning("a page of the harvest %s failed: %s", lease.harvest.id, describe(error))
            await record_failure(database, lease, rules.ITEM_LOCKED if is_locked(error) else rules.PAGE_FAILED)

    async def _request_page(self, lease: PageLease) -> HarvestedPage:
        url, arguments = lease.harvest.base_url, rules.request_arguments(lease.harvest, lease.run)
        content = await client.request(url, arguments, allow_private=self.allow_private)
        response = await asyncio.to_thread(responses.parse_list_records, content)
        if response.resumption_token:
            return HarvestedPage(response)
        identity = await client.request(url, {"verb": "Identify"}, allow_private=self.allow_private)
        return HarvestedPage(response, responses.has_day_granularity(identity))


async def lease_next_page(database: Database) -> PageLease | None:
    """Begin the runs that are due, and lease the page that has been due for longest."""
    async with database.transaction() as uow:
        return await commands.lease_next_page(uow)


async def store_page(database: Database, lease: PageLease, page: HarvestedPage) -> None:
    """Store the records of a page and go on to the next, unless another worker has gone on meanwhile."""
    response = page.response
    if response.error is not None and response.error != "noRecordsMatch":
        await fail_run(
            database, lease, f"The source refused ({response.error}): {response.error_text or 'no reason stated'}."
        )
        return
    try:
        async with database.transaction(lease.harvest.harvester) as uow:
            run = await queries.lock_run(uow.session, lease.run.id, lease.version)
            if run is not None:
                counts = await store_records(uow, lease.harvest, run.id, response.records)
                await commands.advance_run(uow, lease, run, page, counts)
    except Exception as error:
        if is_outage(error) or is_locked(error):
            raise
        logger.warning("a page of the harvest %s is stored record by record: %s", lease.harvest.id, describe(error))
        counts = await _store_separately(database, lease, response.records)
        async with database.transaction(lease.harvest.harvester) as uow:
            run = await queries.lock_run(uow.session, lease.run.id, lease.version)
            if run is not None:
                await commands.advance_run(uow, lease, run, page, counts)


async def record_failure(database: Database, lease: PageLease, problem: str) -> None:
    """Count a failure of the page."""
    async with database.transaction(lease.harvest.harvester) as uow:
        await commands.record_failure(uow, lease, problem)


async def fail_run(database: Database, lease: PageLease, problem: str) -> None:
    """End the run, since trying again is of no use."""
    async with database.transaction(lease.harvest.harvester) as uow:
        await commands.fail_run(uow, lease, problem)


async def _store_separately(
    database: Database, lease: PageLease, records: Sequence[HarvestedRecord]
) -> rules.RecordCounts:
    """Store each record in a transaction of its own, or quarantine it."""
    counts = rules.RecordCounts()
    for record in records:
        try:
            async with database.transaction(lease.harvest.harvester) as uow:
                if await queries.lock_run(uow.session, lease.run.id, lease.version) is None:
                    break
                record_counts = await store_records(uow, lease.harvest, lease.run.id, [record])
        except Exception as error:
            if is_outage(error) or is_locked(error):
                raise
            reason = reason_of(error) if isinstance(error, Problem) else describe(error)
            async with database.transaction(lease.harvest.harvester) as uow:
                if await queries.lock_run(uow.session, lease.run.id, lease.version) is None:
                    break
                await quarantine(uow.session, [quarantine_entry(lease.harvest, lease.run.id, record, reason)])
            record_counts = rules.RecordCounts(quarantined=1)
        counts.add(record_counts)
    return counts
