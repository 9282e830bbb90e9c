"""Stores harvested records in the library, each as a whole or not at all.

What changed in the source is changed here as long as the item is as the harvest left it: if people of this library
have worked on it since, their text stays. What was deleted in the source is withdrawn here if it came only from there
and nobody here has worked on it; an account is withdrawn in any case, since its person may have asked for that. What is
withdrawn stays withdrawn even if the source shows it again: that is for an editor to decide.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel

from services.evidence.exchange.additions.commands import add_works
from services.evidence.exchange.additions.rules import NewWork
from services.evidence.exchange.harvests.protocol.metadata import parse_work
from services.evidence.exchange.harvests.protocol.responses import HarvestedRecord
from services.evidence.exchange.harvests.records import queries
from services.evidence.exchange.harvests.records.queries import QuarantineEntry, StoredRecord
from services.evidence.exchange.harvests.rules import RecordCounts
from services.evidence.exchange.harvests.tables import Harvest
from services.evidence.library.items import commands
from services.evidence.library.items.descriptions import description_adapter
from services.evidence.library.items.queries import lock_item
from services.evidence.library.items.tables import Item
from services.evidence.library.items.views import description_of
from services.evidence.library.topics.classification import topics_of
from shared.persistence.unit_of_work import UnitOfWork

VISIBLE: Final = ("draft", "published")


class NewRecord(NamedTuple):
    """A record that this harvest has not stored before."""

    identifier: str
    digest: str
    work: NewWork


class ChangedRecord(NamedTuple):
    """A record that differs from what was stored, or that was deleted before."""

    stored: StoredRecord
    digest: str
    work: NewWork


@dataclass
class RecordBatch:
    """Records, sorted by what to do with them, and what became of them."""

    counts: RecordCounts = field(default_factory=RecordCounts)
    new: list[NewRecord] = field(default_factory=list[NewRecord])
    changed: list[ChangedRecord] = field(default_factory=list[ChangedRecord])
    deleted: list[StoredRecord] = field(default_factory=list[StoredRecord])
    saved: dict[str, StoredRecord] = field(default_factory=dict[str, StoredRecord])
    """By identifier, what is to be stored about each."""
    accepted: set[str] = field(default_factory=set[str])
    """Identifiers that leave the quarantine, if they are in it."""


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
    await _store_new(uow, harvest, batch)
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
    digest = _digest_of(work.description)
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
    await queries.lock_items(uow.session, {record.item_id for record in stored})
    for record in batch.changed:
        await _store_change(uow, batch, record)
    await queries.save_records(uow.session, [record._replace(deleted=True) for record in batch.deleted])
    for record in batch.deleted:
        await _delete(uow, record)


async def _store_change(uow: UnitOfWork, batch: RecordBatch, record: ChangedRecord) -> None:
    stored, digest = record.stored, record.digest
    item = await lock_item(uow.session, stored.item_id)
    may_change = stored.created and item.status in VISIBLE and _is_untouched(item, stored.digest)
    if may_change and stored.digest != digest:
        topics = await topics_of(uow.session, item.id)
        description = record.work.description.model_copy(update={"topics": topics})
        await commands.replace_description(uow, item, description)
        batch.counts.changed += 1
    else:
        batch.counts.matched += 1
    batch.saved[stored.identifier] = stored._replace(digest=digest, deleted=False)


async def _delete(uow: UnitOfWork, record: StoredRecord) -> None:
    if not record.created or await queries.has_other_source(uow.session, record):
        return
    item = await lock_item(uow.session, record.item_id)
    is_account = item.way_of_knowing == "lived_experience"
    if item.status in VISIBLE and (is_account or _is_untouched(item, record.digest)):
        await commands.withdraw(uow, item)


def _digest_of(description: BaseModel) -> str:
    return hashlib.sha256(description.model_dump_json().encode()).hexdigest()


def _is_untouched(item: Item, digest: str) -> bool:
    """Return whether the item's text is still the source's. Publishing and filing do not change the text."""
    return _digest_of(description_adapter.validate_python(description_of(item, []))) == digest


async def _store_new(uow: UnitOfWork, harvest: Harvest, batch: RecordBatch) -> None:
    works = [record.work for record in batch.new]
    additions = await add_works(
        uow, works, contributor_id=harvest.harvester_id, topics=harvest.topics, publish=harvest.publish
    )
    created_ids = {item.id for item in additions.created}
    batch.counts.created += len(created_ids)
    batch.counts.matched += additions.matched
    if created_ids:
        uow.record("harvested", "Harvest", harvest.id, after={"items": sorted(created_ids)})
    for record, item_id in zip(batch.new, additions.item_ids, strict=True):
        created = item_id in created_ids
        batch.saved[record.identifier] = StoredRecord(
            harvest.id, record.identifier, item_id, record.digest, created=created, deleted=False
        )
        created_ids.discard(item_id)
