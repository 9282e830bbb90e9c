"""What becomes of pairs and groups when items came, changed, went, or were merged."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from services.evidence.library.works.duplicates import grouping, queries, rules
from services.evidence.library.works.duplicates.blocks import keys_of
from services.evidence.library.works.duplicates.works import Work
from shared.persistence.unit_of_work import UnitOfWork


async def compare_changed(uow: UnitOfWork, changed: Collection[UUID]) -> None:
    """Bring keys, pairs and groups of these items to what they are now. Comparing is held."""
    asked = await _follow_merges(uow, changed)
    works = await _works(uow, changed)
    known = {(row.low_id, row.high_id): row.decided for row in await queries.pairs_of(uow.session, changed)}
    wanted = await _met(uow, changed, works) | asked | known.keys()
    works |= await _works(uow, {item for pair in wanted for item in pair} - set(changed))
    verdicts = {pair: _verdict(works, pair) for pair in wanted if not known.get(pair)}
    apart = {pair for pair, verdict in verdicts.items() if verdict.judgement == "different"}
    gone = apart & (known.keys() | asked)
    await queries.remove_open_pairs(uow.session, gone)
    alike = verdicts.keys() - apart
    await queries.keep_pairs(uow.session, [_kept(pair, verdicts[pair]) for pair in alike])
    await grouping.regroup(uow, {item for pair in (*gone, *alike, *known) for item in pair})


async def _met(uow: UnitOfWork, changed: Collection[UUID], works: Mapping[UUID, Work]) -> set[rules.Pair]:
    """The pairs of these and whatever shares a key with them; their keys are those of today from here on."""
    keys = {item: keys_of(work) for item, work in works.items()}
    await queries.set_keys(uow.session, changed, keys)
    blocks = await queries.blocks(uow.session, {key for own in keys.values() for key in own})
    return {
        rules.pair(item, other)
        for item, own in keys.items()
        for key in own
        for other in blocks.get(key, ())
        if other != item
    }


def _verdict(works: Mapping[UUID, Work], pair: rules.Pair) -> rules.Verdict:
    low, high = works.get(pair[0]), works.get(pair[1])
    return rules.APART if low is None or high is None else rules.compare(low, high)


def _kept(pair: rules.Pair, verdict: rules.Verdict) -> dict[str, Any]:
    return {
        "low_id": pair[0],
        "high_id": pair[1],
        "judgement": verdict.judgement,
        "likeness": verdict.likeness,
        "reasons": verdict.reasons,
    }


async def _works(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Work]:
    if not ids:
        return {}
    return {row.id: Work(row.title, row.details) for row in await queries.references(uow.session, ids)}


async def _follow_merges(uow: UnitOfWork, changed: Collection[UUID]) -> set[rules.Pair]:
    """Hand what was found and decided of an absorbed item on to the one that stands for it; take it back when undone.

    Returns the pairs that are to be compared because of it.
    """
    asked = set(await queries.forget_undone(uow.session, changed))
    merged = await queries.merged_among(uow.session, changed)
    if not merged:
        return asked
    into = {row.id: (row.survivor, row.merge_id) for row in merged}
    same: dict[UUID, set[rules.Pair]] = {}
    different: dict[UUID, set[rules.Pair]] = {}
    for item, (survivor, merge_id) in into.items():
        same.setdefault(merge_id, set()).add(rules.pair(item, survivor))
    for row in await queries.pairs_of(uow.session, into.keys()):
        for item, other in ((row.low_id, row.high_id), (row.high_id, row.low_id)):
            if item not in into or other == into[item][0] or other in into:
                continue
            survivor, merge_id = into[item]
            if row.decided == "different":
                different.setdefault(merge_id, set()).add(rules.pair(survivor, other))
            elif row.decided is None:
                asked.add(rules.pair(survivor, other))
    for merge_id, pairs in different.items():
        await queries.decide_pairs(uow.session, pairs, "different", merge_id)
    for merge_id, pairs in same.items():
        await queries.decide_pairs(uow.session, pairs, "same", merge_id)
    return asked
