"""Takes harvested records into the library, each as a whole or not at all.

What the source changed is changed here while the item is as the harvest left it: where people of this library have
worked on it since, their words stay. What the source deleted is withdrawn where it came from there alone and nobody
here has worked on it since; an account is withdrawn in any case, since its person may have asked for that. What is
withdrawn stays so, also where the source shows it again: an editor decides that.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from services.evidence.exchange.additions.commands import add_works
from services.evidence.exchange.additions.rules import NewWork
from services.evidence.exchange.harvests import metadata, queries
from services.evidence.exchange.harvests.protocol import Found
from services.evidence.exchange.harvests.rules import Counts
from services.evidence.exchange.harvests.tables import Harvest
from services.evidence.library.items import commands
from services.evidence.library.items.descriptions import description_adapter
from services.evidence.library.items.queries import lock_item
from services.evidence.library.items.tables import Item
from services.evidence.library.items.views import description_of
from services.evidence.library.topics.classification import topics_of
from shared.persistence.unit_of_work import UnitOfWork

STAND: Final = ("draft", "published")


@dataclass
class Batch:
    """Records on their way in, and what became of them."""

    counts: Counts = field(default_factory=Counts)
    fresh: list[tuple[str, str, NewWork]] = field(default_factory=list[tuple[str, str, NewWork]])
    """Identifier, digest and what was understood."""
    changed: list[tuple[Any, str, NewWork]] = field(default_factory=list[tuple[Any, str, NewWork]])
    """The record as it is known, digest and what was understood."""
    deleted: list[Any] = field(default_factory=list[Any])
    """Records as they are known."""
    kept: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    taken: set[str] = field(default_factory=set[str])


async def take_records(uow: UnitOfWork, harvest: Harvest, run_id: UUID, records: Sequence[Found]) -> Counts:
    """All of them, or an exception."""
    batch = Batch()
    refused: dict[str, dict[str, Any]] = {}
    last = {found.identifier: found for found in records if found.identifier}
    known = await queries.known_records(uow.session, harvest.id, list(last))
    for found in records:
        if found.identifier is not None and last[found.identifier] is not found:
            batch.counts.matched += 1
            continue
        reason = _sort(batch, found, known.get(found.identifier or ""))
        if reason is not None:
            row = refusal(harvest, run_id, found, reason)
            refused[row["identifier"]] = row
            batch.counts.quarantined += 1
    await _take_changes(uow, batch)
    await _take_fresh(uow, harvest, batch)
    await queries.keep_records(uow.session, list(batch.kept.values()))
    await queries.quarantine(uow.session, list(refused.values()))
    if batch.taken:
        await queries.release(uow.session, harvest.id, batch.taken)
    return batch.counts


def refusal(harvest: Harvest, run_id: UUID, found: Found, reason: str) -> dict[str, Any]:
    name = found.identifier or f"without an identifier: {hashlib.sha256(found.raw.encode()).hexdigest()[:16]}"
    return {"harvest_id": harvest.id, "run_id": run_id, "identifier": name, "reason": reason, "raw": found.raw}


def _sort(batch: Batch, found: Found, known: Any) -> str | None:
    """The reason why it cannot be taken, if so."""
    if found.deleted and found.identifier is not None and not found.broken:
        batch.counts.deleted += 1
        batch.taken.add(found.identifier)
        if known is not None and not known.deleted:
            batch.deleted.append(known)
        return None
    understood = metadata.understand(found)
    if isinstance(understood, str):
        return understood
    identifier = found.identifier or ""
    digest = digest_of(understood.description)
    batch.taken.add(identifier)
    if known is None:
        batch.fresh.append((identifier, digest, understood))
    elif known.digest == digest and not known.deleted:
        batch.counts.matched += 1
    else:
        batch.changed.append((known, digest, understood))
    return None


async def _take_changes(uow: UnitOfWork, batch: Batch) -> None:
    """Items are held first, all of them: whoever changes one holds it before the works of the library."""
    await queries.hold_items(uow.session, {known.item_id for known in (*batch.deleted, *(c[0] for c in batch.changed))})
    for known, digest, understood in batch.changed:
        await _change(uow, batch, known, digest, understood)
    await queries.keep_records(uow.session, [{**known._mapping, "deleted": True} for known in batch.deleted])
    for known in batch.deleted:
        await _delete(uow, known)


async def _change(uow: UnitOfWork, batch: Batch, known: Any, digest: str, understood: NewWork) -> None:
    item = await lock_item(uow.session, known.item_id)
    kept = {**known._mapping, "digest": digest, "deleted": False}
    if not known.made or item.state not in STAND or known.digest == digest or not _untouched(item, known.digest):
        batch.counts.matched += 1
    else:
        topics = await topics_of(uow.session, item.id)
        await commands.replace_description(uow, item, understood.description.model_copy(update={"topics": topics}))
        await uow.session.flush()
        batch.counts.changed += 1
    batch.kept[known.identifier] = kept


async def _delete(uow: UnitOfWork, known: Any) -> None:
    if not known.made or await queries.comes_from_elsewhere_too(uow.session, known):
        return
    item = await lock_item(uow.session, known.item_id)
    if item.state in STAND and (item.way_of_knowing == "lived_experience" or _untouched(item, known.digest)):
        await commands.withdraw(uow, item)
        await uow.session.flush()


def digest_of(description: BaseModel) -> str:
    return hashlib.sha256(description.model_dump_json().encode()).hexdigest()


def _untouched(item: Item, digest: str) -> bool:
    """Whether it still says what the source said. Publishing and filing change no words."""
    return digest_of(description_adapter.validate_python(description_of(item, []))) == digest


async def _take_fresh(uow: UnitOfWork, harvest: Harvest, batch: Batch) -> None:
    works = [understood for _, _, understood in batch.fresh]
    taken = await add_works(
        uow, works, contributor_id=harvest.harvester_id, topics=harvest.topics, publish=harvest.publish
    )
    made = {item.id for item in taken.created}
    batch.counts.created += len(made)
    batch.counts.matched += taken.matched
    if made:
        uow.record("harvested", "Harvest", harvest.id, after={"items": sorted(made)})
    for (identifier, digest, _), item_id in zip(batch.fresh, taken.item_ids, strict=True):
        batch.kept[identifier] = {
            "harvest_id": harvest.id,
            "identifier": identifier,
            "item_id": item_id,
            "digest": digest,
            "made": item_id in made,
            "deleted": False,
        }
        made.discard(item_id)
