"""Add to matched items what they lack of their records, and put before the editors where the two differ.

The records come from files or from other libraries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson

from services.evidence.exchange.additions.commands import MatchedWork
from services.evidence.exchange.imports.matches import queries, rules
from services.evidence.exchange.imports.matches.queries import OfferedValue
from services.evidence.exchange.imports.matches.rules import FilledField, MatchedItem, RecordContribution, RepeatedField
from services.evidence.library.works.merges.commands import note_gains
from services.evidence.library.works.merges.rules import RecordGain
from shared import clock
from shared.callers import Caller
from shared.events.contracts.evidence import EvidenceChanged
from shared.persistence.unit_of_work import UnitOfWork


class RecordSource(NamedTuple):
    """What records come from, and for whom."""

    kind: Literal["import", "harvest"]
    id: UUID
    sender: Caller


class MatchedRecord(NamedTuple):
    """A record of a source, and the item that it matched."""

    number: int
    match: MatchedWork
    fills: bool = True
    """Whether it may fill the item. Where not, everything that it adds is offered."""


@dataclass
class _RecordContributions:
    """What each record adds, by its number, and the items that this changed, as they were before."""

    by_number: dict[int, RecordContribution] = field(default_factory=dict[int, RecordContribution])
    before: dict[UUID, dict[str, Any]] = field(default_factory=dict[UUID, dict[str, Any]])


class Enrichments(NamedTuple):
    """How many records added something, and how many values are new before the editors."""

    enriched: int = 0
    conflicts: int = 0


async def enrich_items(uow: UnitOfWork, source: RecordSource, records: Sequence[MatchedRecord]) -> Enrichments:
    """Fill what the items lack, learn their identifiers, and store what is left to an editor.

    A published item gets a new edition. The caller holds the lock on works. Raises where somebody changes one of the
    items at this moment: the records are read again later.
    """
    if not records:
        return Enrichments()
    items = await queries.matched_items(uow.session, {record.match.item_id for record in records})
    filled_before = await queries.filled_before(uow.session, items.keys())
    contributions = _contribute(source, records, items, {})
    if contributions.before:
        ids = contributions.before.keys()
        locked = await queries.matched_items(uow.session, ids, lock=True)
        filled_before |= await queries.filled_before(uow.session, ids)
        items |= locked
        again = _contribute(source, (r for r in records if r.match.item_id in ids), locked, filled_before)
        contributions = _RecordContributions(contributions.by_number | again.by_number, again.before)
        await _save(uow, source, [locked[item_id] for item_id in sorted(again.before)], contributions)
    numbered = {record.number: record.match.item_id for record in records}
    by_number = contributions.by_number.items()
    await queries.save_fields(
        uow.session,
        [
            FilledField(source.id, number, gain.field, numbered[number], gain.before, rules.stored_value(gain))
            for number, contribution in by_number
            for gain in contribution.gains
        ],
    )
    await note_gains(uow, _gains(source, records, contributions))
    await queries.save_repeats(uow.session, _repeats(source, records, items, filled_before))
    conflicts = await queries.offer_values(
        uow.session,
        [
            OfferedValue(source.id, number, numbered[number], offer.field, offer.value, offer.digest)
            for number, contribution in by_number
            for offer in contribution.offers
        ],
    )
    return Enrichments(sum(bool(contribution.gains) for _, contribution in by_number), conflicts)


def _gains(
    source: RecordSource, records: Sequence[MatchedRecord], contributions: _RecordContributions
) -> list[RecordGain]:
    """Return what each record gave, with the identifiers by which it may have reached its item."""
    gains: list[RecordGain] = []
    for number, match, _ in records:
        filled = contributions.by_number[number].gains
        names: list[dict[str, str]] = (orjson.loads(match.work.details).get("identifiers") or []) if filled else []
        identifiers = frozenset((name["scheme"], name["value"]) for name in names)
        gains += [RecordGain(match.item_id, identifiers, source.id, number, *gain) for gain in filled]
    return gains


def _contribute(
    source: RecordSource,
    records: Iterable[MatchedRecord],
    items: Mapping[UUID, MatchedItem],
    filled_before: Mapping[UUID, Mapping[str, Sequence[Any]]],
) -> _RecordContributions:
    """Let each record add to its item, in the order in which they came."""
    result = _RecordContributions()
    for number, match, fills in records:
        if match.withheld:
            result.by_number[number] = rules.NOTHING
            continue
        item = items[match.item_id]
        wording = _wording(item)
        contribution = rules.contribute(
            item,
            match.work,
            match.held_by_others,
            may_fill=fills and _may_fill(source.sender, item),
            filled_before=filled_before.get(item.id, {}),
        )
        result.by_number[number] = contribution
        if contribution.gains:
            result.before.setdefault(item.id, wording)
    return result


def _repeats(
    source: RecordSource,
    records: Sequence[MatchedRecord],
    items: Mapping[UUID, MatchedItem],
    filled_before: Mapping[UUID, Mapping[str, Sequence[Any]]],
) -> list[RepeatedField]:
    """Return what each record states of its item as another filled it."""
    return [
        RepeatedField(source.id, number, name, match.item_id, value)
        for number, match, _ in records
        if not match.withheld and not match.held_by_others and match.item_id in filled_before
        for name, value in rules.repeated(items[match.item_id], match.work, filled_before[match.item_id]).items()
    ]


def _may_fill(sender: Caller, item: MatchedItem) -> bool:
    """Return whether the sender might change the item: an editor any, a partner a draft that it brought itself."""
    return sender.kind == "person" or (item.status == "draft" and item.contributor_id == sender.id)


async def _save(
    uow: UnitOfWork, source: RecordSource, items: Sequence[MatchedItem], contributions: _RecordContributions
) -> None:
    now = clock.now()
    published = [item for item in items if item.status == "published"]
    await queries.save_editions(
        uow.session,
        [
            {"item_id": item.id, "edition": item.edition, "superseded_at": now, **contributions.before[item.id]}
            for item in published
        ],
    )
    for item in published:
        item.edition += 1
        uow.publish(EvidenceChanged(item_id=item.id, edition=item.edition), sequence=item.version + 1)
    await queries.fill_items(uow.session, items, now)
    for item in items:
        before = contributions.before[item.id]
        fields = [name for name, value in item.details.items() if value != before["details"].get(name)]
        fields += ["summary"] if item.summary != before["summary"] else []
        uow.record("enriched", "Item", item.id, after={source.kind: source.id, "fields": sorted(fields)})


def _wording(item: MatchedItem) -> dict[str, Any]:
    """Return what an edition keeps of research (`items.words.content.wording`)."""
    return {name: getattr(item, name) for name in (*sorted(rules.COLUMNS), "details")}
