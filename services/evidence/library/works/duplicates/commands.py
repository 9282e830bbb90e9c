"""Comparing works that changed, keeping the groups up to date, and deciding a group."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from services.evidence.library.works.duplicates import queries, rules
from services.evidence.library.works.duplicates.blocking_keys import keys_of
from services.evidence.library.works.duplicates.queries import DuplicateGroupNotFound
from services.evidence.library.works.duplicates.tables import DuplicateGroup
from services.evidence.library.works.duplicates.views import group_views
from services.evidence.library.works.duplicates.works import Work
from services.evidence.library.works.merges.commands import merge_items
from services.evidence.library.works.merges.queries import lock_items
from shared import clock
from shared.http.etags import Match
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork

MAX_REGROUPED_ITEMS = 2_000


async def decide_group(
    uow: UnitOfWork,
    group_id: UUID,
    into: UUID | None,
    items: Sequence[UUID] | None,
    different: Sequence[UUID],
    match: Match | None = None,
) -> DuplicateGroup:
    """Merge `items` (all other members, where None) into the member `into`, and note which are works of their own.

    Only as the caller has read the group with its members; without `match`, the caller has compared their versions.
    Raises DuplicateGroupNotFound, GroupDecided, PreconditionRequired, PreconditionFailed, NothingDecided, NotAMember,
    and what merging raises.
    """
    await queries.lock_comparison(uow.session)
    group = await fetch(uow.session, DuplicateGroup, group_id, missing=DuplicateGroupNotFound, lock=True)
    rules.check_undecided(group.status)
    members = list(group.members)
    if match is not None:
        await lock_items(uow.session, members)
        match.check((await group_views(uow.session, [group]))[0])
    merged: Sequence[UUID] = ()
    if into is not None:
        others = [item for item in members if item != into and item not in different]
        merged = others if items is None else items
    rules.check_decision(members, into, merged, different)
    different_pairs = {rules.pair(item, other) for item in different for other in members if item != other}
    await queries.decide_pairs(uow.session, different_pairs, "different")
    if into is not None:
        await merge_items(uow, into, merged)
    uow.record("decided", "DuplicateGroup", group_id, after={"into": into, "merged": merged, "different": different})
    await compare_changed(uow, members)
    return group


async def compare_changed(uow: UnitOfWork, changed: Collection[UUID]) -> None:
    """Bring the keys, pairs and groups of these items up to date. The caller holds the lock of comparison."""
    requested = await _follow_merges(uow, changed)
    works = await _works(uow, changed)
    stored = {(row.low_id, row.high_id): row.decision for row in await queries.pairs_of(uow.session, changed)}
    candidates = await _blocked_pairs(uow, changed, works) | requested | stored.keys()
    works |= await _works(uow, {item for pair in candidates for item in pair} - set(changed))
    verdicts = {pair: _compare(works, pair) for pair in candidates if not stored.get(pair)}
    different = {pair for pair, verdict in verdicts.items() if verdict.judgement == "different"}
    outdated = different & (stored.keys() | requested)
    await queries.delete_open_pairs(uow.session, outdated)
    alike = verdicts.keys() - different
    await queries.save_pairs(uow.session, [_pair_row(pair, verdicts[pair]) for pair in alike])
    await _regroup(uow, {item for pair in (*outdated, *alike, *stored) for item in pair})


async def _blocked_pairs(uow: UnitOfWork, changed: Collection[UUID], works: Mapping[UUID, Work]) -> set[rules.Pair]:
    """Store the blocking keys of changed works. Returns their pairs with works that share a key and may be the same.

    Where the title of a work changes meanwhile, that change is pending, and will be compared with these.
    """
    keys = {item: keys_of(work) for item, work in works.items()}
    titles = {item: work.compared_title for item, work in works.items()}
    await queries.set_keys(uow.session, changed, keys)
    await queries.set_titles(uow.session, changed, titles)
    blocks = await queries.blocks(uow.session, {key for item_keys in keys.values() for key in item_keys})
    neighbours = {item: {other for key in keys[item] for other in blocks.get(key, ())} - {item} for item in keys}
    others = frozenset[UUID]().union(*neighbours.values()) - titles.keys()
    titles_of = titles | await queries.titles_of(uow.session, others)
    pairs: set[rules.Pair] = set()
    for item, items in neighbours.items():
        stored = {other: titles_of[other] for other in items if other in titles_of}
        possible = (items - stored.keys()) | rules.possible_duplicates(titles[item], stored)
        pairs.update(rules.pair(item, other) for other in possible)
    return pairs


def _compare(works: Mapping[UUID, Work], pair: rules.Pair) -> rules.PairVerdict:
    low, high = works.get(pair[0]), works.get(pair[1])
    return rules.MEMBER_GONE if low is None or high is None else rules.compare(low, high)


def _pair_row(pair: rules.Pair, verdict: rules.PairVerdict) -> dict[str, Any]:
    return {
        "low_id": pair[0],
        "high_id": pair[1],
        "judgement": verdict.judgement,
        "title_similarity": verdict.title_similarity,
        "reasons": verdict.reasons,
    }


async def _works(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, Work]:
    if not ids:
        return {}
    return {row.id: Work(row.title, row.details) for row in await queries.references(uow.session, ids)}


async def _follow_merges(uow: UnitOfWork, changed: Collection[UUID]) -> set[rules.Pair]:
    """Transfer the pairs and decisions of merged items to their survivors, and take them back of undone merges.

    Returns the pairs that are to be compared because of it.
    """
    to_compare = set(await queries.reopen_undone(uow.session, changed))
    merged = {row.item_id: row for row in await queries.merged_among(uow.session, changed)}
    if not merged:
        return to_compare
    same: dict[UUID, set[rules.Pair]] = {}
    different: dict[UUID, set[rules.Pair]] = {}
    for row in merged.values():
        same.setdefault(row.merge_id, set()).add(rules.pair(row.item_id, row.survivor_id))
    for pair in await queries.pairs_of(uow.session, merged.keys()):
        for item, other in ((pair.low_id, pair.high_id), (pair.high_id, pair.low_id)):
            if item not in merged or other == merged[item].survivor_id or other in merged:
                continue
            _, survivor_id, merge_id = merged[item]
            if pair.decision == "different":
                different.setdefault(merge_id, set()).add(rules.pair(survivor_id, other))
            elif pair.decision is None:
                to_compare.add(rules.pair(survivor_id, other))
    for merge_id, pairs in different.items():
        await queries.decide_pairs(uow.session, pairs, "different", merge_id)
    for merge_id, pairs in same.items():
        await queries.decide_pairs(uow.session, pairs, "same", merge_id)
    return to_compare


async def _regroup(uow: UnitOfWork, items: Collection[UUID]) -> None:
    """Bring the groups of these items, and of all items connected with them, up to date with the undecided pairs.

    A group keeps its id while it grows; a decided one opens again for a new member; two groups that a work connects
    become the older one.
    """
    if not items:
        return
    seeds = set(items)
    for group in await queries.lock_groups_with(uow.session, seeds):
        if group.status == "open":
            seeds.update(group.members)
    components = rules.components(await _connected_pairs(uow, seeds))
    members = {member for component in components for member in component}
    groups = list(await queries.lock_groups_with(uow.session, seeds | members))
    used: set[UUID] = set()
    for component in components:
        group = _group_for(component, groups, used) or DuplicateGroup(members=[])
        used.add(group.id)
        if group.status != "open" or set(group.members) != component:
            group.status, group.members, group.decided_at = "open", sorted(component), None
            uow.save(group)
    for group in groups:
        if group.status == "open" and group.id not in used:
            group.status, group.decided_at = "decided", clock.now()


def _group_for(component: set[UUID], groups: Iterable[DuplicateGroup], used: Collection[UUID]) -> DuplicateGroup | None:
    """Return the oldest open group that shares a member, or else the newest decided one."""
    candidates = [group for group in groups if group.id not in used and not component.isdisjoint(group.members)]
    open_groups = [group for group in candidates if group.status == "open"]
    return open_groups[0] if open_groups else candidates[-1] if candidates else None


async def _connected_pairs(uow: UnitOfWork, seeds: Collection[UUID]) -> set[rules.Pair]:
    """Return all undecided pairs that can be reached from the seeds, through `MAX_REGROUPED_ITEMS` items at most."""
    visited: set[UUID] = set()
    pairs: set[rules.Pair] = set()
    frontier = set(seeds)
    while frontier and len(visited) < MAX_REGROUPED_ITEMS:
        visited |= frontier
        next_pairs = await queries.open_pairs_of(uow.session, frontier)
        pairs.update(next_pairs)
        frontier = {item for pair in next_pairs for item in pair} - visited
    return pairs
