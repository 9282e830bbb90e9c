"""Stores harvested records in the library, each as a whole or not at all.

A record of a work that the library has adds what its item lacks, and leaves to an editor where the two differ, as one
of an import does (`imports.matches`); so does a changed one that may not change its item.

What changed in the source is changed here as long as the item is as the harvest left it: if people of this library
have worked on it since, their text stays, and what the source says otherwise is put before an editor. What records
filled is nobody's work, and stays where the source says nothing new. What was deleted in the source is withdrawn here
if it came only from there and nobody here has worked on it; an account is withdrawn in any case, since its person may
have asked for that. What is withdrawn stays withdrawn even if the source shows it again: that is for an editor to
decide.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple
from uuid import UUID

from services.evidence.exchange.additions.commands import add_works
from services.evidence.exchange.additions.rules import REPEATS, NewWork
from services.evidence.exchange.harvests.protocol.metadata import parse_work
from services.evidence.exchange.harvests.protocol.responses import HarvestedRecord
from services.evidence.exchange.harvests.records import queries, rules
from services.evidence.exchange.harvests.records.queries import QuarantineEntry, RunRecord, StoredRecord
from services.evidence.exchange.harvests.rules import RecordCounts
from services.evidence.exchange.harvests.tables import Harvest
from services.evidence.exchange.imports.matches.commands import MatchedRecord, RecordSource, enrich_items
from services.evidence.exchange.imports.matches.rules import FilledField
from services.evidence.library.items import commands
from services.evidence.library.items.descriptions import description_adapter
from services.evidence.library.items.identifiers.queries import lock_works
from services.evidence.library.items.queries import lock_item
from services.evidence.library.items.tables import Item
from services.evidence.library.items.views import description_of
from services.evidence.library.provenance.tables import HarvestOutcome, Withheld
from services.evidence.library.topics.classification import topics_of
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import Problem

VISIBLE: Final = ("draft", "published")


class NewRecord(NamedTuple):
    """A record that this harvest has not stored before."""

    identifier: str
    digest: str
    work: NewWork
    may_fill: bool = True

    def as_stored(self, harvest_id: UUID, item_id: UUID, *, created: bool) -> StoredRecord:
        """Return what to store of it, with the item that stands for it."""
        return StoredRecord(harvest_id, self.identifier, item_id, self.digest, created, deleted=False)


class ChangedRecord(NamedTuple):
    """A record that differs from what was stored, or that was deleted before."""

    stored: StoredRecord
    digest: str
    work: NewWork

    @property
    def identifier(self) -> str:
        """Of the record, in its source."""
        return self.stored.identifier

    @property
    def may_fill(self) -> bool:
        """Whether it may fill its item: not one that this harvest created and somebody here has changed."""
        return not self.stored.created

    def as_stored(self, _harvest_id: UUID, item_id: UUID, *, created: bool) -> StoredRecord:
        """Return what to store of it; with another item where it came in anew."""
        stored = self.stored._replace(digest=self.digest, deleted=False)
        return stored._replace(item_id=item_id, created=True) if created else stored


class RecordResult(NamedTuple):
    """What became of a record that was new or had changed."""

    identifier: str
    outcome: HarvestOutcome
    item_id: UUID
    withheld: Withheld | None = None


@dataclass
class RecordBatch:
    """Records, sorted by what to do with them, and what became of them."""

    counts: RecordCounts = field(default_factory=RecordCounts)
    new: list[NewRecord] = field(default_factory=list[NewRecord])
    changed: list[ChangedRecord] = field(default_factory=list[ChangedRecord])
    rematched: list[ChangedRecord] = field(default_factory=list[ChangedRecord])
    """Changed records whose items they may not change: what they add is matched like that of a new record."""
    deleted: list[StoredRecord] = field(default_factory=list[StoredRecord])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    """By identifier, why a record may not change its item."""
    outcomes: list[RecordResult] = field(default_factory=list[RecordResult])
    """Of each record that was new or had changed."""
    saved: dict[str, StoredRecord] = field(default_factory=dict[str, StoredRecord])
    """By identifier, what is to be stored about each."""
    accepted: set[str] = field(default_factory=set[str])
    """Identifiers that leave the quarantine, if they are in it."""

    def refuse(self, identifier: str, reason: str) -> None:
        """Send a record to quarantine, since the library does not take it."""
        self.refused[identifier] = reason
        self.accepted.discard(identifier)
        self.counts.quarantined += 1


async def store_records(
    uow: UnitOfWork, harvest: Harvest, run_id: UUID, records: Sequence[HarvestedRecord]
) -> RecordCounts:
    """Store or quarantine all of these records, or raise an exception."""
    batch = RecordBatch()
    entries: dict[str, QuarantineEntry] = {}
    latest = {record.identifier: record for record in records if record.identifier}
    stored = await queries.stored_records(uow.session, harvest.id, list(latest))
    for record in records:
        if record.identifier is not None and latest[record.identifier] is not record:
            batch.counts.matched += 1
            continue
        reason = _sort(batch, record, stored.get(record.identifier or ""))
        if reason is not None:
            entry = quarantine_entry(harvest, run_id, record, reason)
            entries[entry.identifier] = entry
            batch.counts.quarantined += 1
    await _store_changes(uow, batch)
    await _store_works(uow, harvest, run_id, batch)
    for identifier, reason in batch.refused.items():
        entries[identifier] = quarantine_entry(harvest, run_id, latest[identifier], reason)
    await queries.save_records(uow.session, list(batch.saved.values()))
    await queries.quarantine(uow.session, list(entries.values()))
    if batch.accepted:
        await queries.release(uow.session, harvest.id, batch.accepted)
    return batch.counts


def quarantine_entry(harvest: Harvest, run_id: UUID, record: HarvestedRecord, reason: str) -> QuarantineEntry:
    """Return the record's entry in quarantine. A record without an identifier is identified by its content."""
    content = hashlib.sha256(record.raw.encode()).hexdigest()[:16]
    identifier = record.identifier or f"without an identifier: {content}"
    return QuarantineEntry(harvest.id, run_id, identifier, reason, record.raw)


def reason_of(problem: Problem) -> str:
    """Return why a record goes to quarantine that the library refuses."""
    return f"{problem.title}. {problem.detail}"


def _sort(batch: RecordBatch, record: HarvestedRecord, stored: StoredRecord | None) -> str | None:
    """Sort the record into the batch. Returns why it goes to quarantine, if it does."""
    if record.deleted and record.identifier is not None and not record.broken:
        batch.counts.deleted += 1
        batch.accepted.add(record.identifier)
        if stored is not None and not stored.deleted:
            batch.deleted.append(stored)
        return None
    work = parse_work(record)
    if isinstance(work, str):
        return work
    identifier = record.identifier or ""
    digest = rules.digest_of(work.description)
    batch.accepted.add(identifier)
    if stored is None:
        batch.new.append(NewRecord(identifier, digest, work))
    elif stored.digest == digest and not stored.deleted:
        batch.counts.matched += 1
    else:
        batch.changed.append(ChangedRecord(stored, digest, work))
    return None


async def _store_changes(uow: UnitOfWork, batch: RecordBatch) -> None:
    """Store changed and deleted records. All their items are locked first, and before the library's works."""
    stored = (*batch.deleted, *(record.stored for record in batch.changed))
    item_ids = {record.item_id for record in stored}
    await queries.lock_items(uow.session, item_ids)
    filled = await queries.filled_fields(uow.session, item_ids)
    for record in batch.changed:
        try:
            await _store_change(uow, batch, record, filled.get(record.stored.item_id, ()))
        except Problem as error:
            await _refuse(uow, batch, record, error)
    await queries.save_records(uow.session, [record._replace(deleted=True) for record in batch.deleted])
    for record in batch.deleted:
        await _delete(uow, record, filled.get(record.item_id, ()))


async def _store_change(
    uow: UnitOfWork, batch: RecordBatch, record: ChangedRecord, filled: Sequence[FilledField]
) -> None:
    stored, digest = record.stored, record.digest
    item = await lock_item(uow.session, stored.item_id)
    description = _described(item)
    may_change = stored.created and item.status in VISIBLE and rules.is_untouched(description, filled, stored.digest)
    if not may_change:
        batch.rematched.append(record._replace(work=replace(record.work, item_id=stored.item_id)))
        return
    if stored.digest == digest:
        batch.counts.matched += 1
    else:
        now = record.work.description.model_dump(mode="json")
        followed = rules.followed(rules.unfilled(description, filled), now, description)
        topics = await topics_of(uow.session, item.id)
        changed = description_adapter.validate_python(followed).model_copy(update={"topics": topics})
        await commands.replace_description(uow, item, changed)
        await queries.forget_fields(uow.session, [row for row in filled if rules.says(now, row)])
        batch.counts.changed += 1
        batch.outcomes.append(RecordResult(stored.identifier, "changed", item.id))
    batch.saved[stored.identifier] = stored._replace(digest=digest, deleted=False)


async def _refuse(uow: UnitOfWork, batch: RecordBatch, record: ChangedRecord, problem: Problem) -> None:
    """Leave the item as it is, and send the record to quarantine. Nothing of the change has been written."""
    with uow.session.no_autoflush:
        await uow.session.refresh(await lock_item(uow.session, record.stored.item_id))
    batch.refuse(record.stored.identifier, reason_of(problem))


async def _delete(uow: UnitOfWork, record: StoredRecord, filled: Sequence[FilledField]) -> None:
    if not record.created or await queries.has_other_source(uow.session, record):
        return
    item = await lock_item(uow.session, record.item_id)
    if item.status not in VISIBLE:
        return
    if item.way_of_knowing == "lived_experience" or (
        rules.is_untouched(_described(item), filled, record.digest)
        and not await queries.came_with_an_import(uow.session, item.id)
    ):
        await commands.withdraw(uow, item)


def _described(item: Item) -> dict[str, Any]:
    """Return the item's description with every field of today and without topics, as JSON."""
    return description_adapter.validate_python(description_of(item, [])).model_dump(mode="json")


async def _store_works(uow: UnitOfWork, harvest: Harvest, run_id: UUID, batch: RecordBatch) -> None:
    """Add the works that are new, let the records of others add what their items lack, and note what became of each."""
    records = [*batch.new, *batch.rematched]
    additions = await add_works(
        uow,
        [record.work for record in records],
        contributor_id=harvest.harvester_id,
        topics=harvest.topics,
        publish=harvest.publish,
    )
    created_ids = {item.id for item in additions.created}
    batch.counts.created += len(created_ids)
    batch.counts.matched += additions.matched
    if created_ids:
        uow.record("harvested", "Harvest", harvest.id, after={"items": sorted(created_ids)})
    withheld: dict[int, Withheld | None] = {match.position: match.withheld for match in additions.matches}
    numbers: dict[int, int] = {}
    for position, (record, item_id) in enumerate(zip(records, additions.item_ids, strict=True)):
        if item_id is None:
            batch.refuse(record.identifier, REPEATS)
            continue
        created = item_id in created_ids
        created_ids.discard(item_id)
        stored = record.as_stored(harvest.id, item_id, created=created)
        batch.saved[stored.identifier] = stored
        numbers[position] = len(batch.outcomes)
        outcome: HarvestOutcome = "created" if created else "matched"
        batch.outcomes.append(RecordResult(stored.identifier, outcome, item_id, withheld.get(position)))
    if not batch.outcomes:
        return
    await lock_works(uow.session)
    first = await queries.next_number(uow.session, harvest.id)
    await queries.insert_run_records(
        uow.session,
        [RunRecord(harvest.id, first + index, run_id, *result) for index, result in enumerate(batch.outcomes)],
    )
    matched = [
        MatchedRecord(first + numbers[match.position], match, fills=records[match.position].may_fill)
        for match in additions.matches
    ]
    enrichments = await enrich_items(uow, RecordSource("harvest", harvest.id, harvest.harvester), matched)
    batch.counts.enriched, batch.counts.conflicts = enrichments
