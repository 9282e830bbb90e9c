"""Groups are what hangs together by pairs that nobody has decided yet."""

from collections.abc import Collection, Iterable
from uuid import UUID

from services.evidence.library.works.duplicates import queries, rules
from services.evidence.library.works.duplicates.tables import DuplicateGroup
from shared import clock
from shared.persistence.unit_of_work import UnitOfWork

MOST_LOOKED_AT = 2_000


async def regroup(uow: UnitOfWork, touched: Collection[UUID]) -> None:
    """Bring the groups of these items, and of all that hangs on them, to what the pairs say now.

    A group keeps its id while it grows; one that was decided opens again for a new member; two that a work connects
    become the older one. Comparing is held.
    """
    if not touched:
        return
    seeds = set(touched)
    for group in await queries.groups_with(uow.session, seeds):
        if group.state == "open":
            seeds.update(group.members)
    edges = await _edges(uow, seeds)
    wanted = rules.components(edges)
    known = list(await queries.groups_with(uow.session, seeds | {member for group in wanted for member in group}))
    taken: set[UUID] = set()
    for members in wanted:
        group = _for(members, known, taken) or DuplicateGroup(members=[])
        taken.add(group.id)
        if group.state != "open" or set(group.members) != members:
            group.state, group.members, group.decided_at = "open", sorted(members), None
            uow.save(group)
    for group in known:
        if group.state == "open" and group.id not in taken:
            close(group)


def close(group: DuplicateGroup) -> None:
    group.state, group.decided_at = "decided", clock.now()


def _for(members: set[UUID], known: Iterable[DuplicateGroup], taken: set[UUID]) -> DuplicateGroup | None:
    """The oldest open group that shares a member, or else the newest decided one."""
    free = [group for group in known if group.id not in taken and not members.isdisjoint(group.members)]
    still_open = [group for group in free if group.state == "open"]
    return still_open[0] if still_open else free[-1] if free else None


async def _edges(uow: UnitOfWork, seeds: Collection[UUID]) -> set[rules.Pair]:
    """All undecided pairs that can be reached from the seeds, some thousands of items at most."""
    seen: set[UUID] = set()
    edges: set[rules.Pair] = set()
    ahead = set(seeds)
    while ahead and len(seen) < MOST_LOOKED_AT:
        seen |= ahead
        found = await queries.open_pairs_of(uow.session, ahead)
        edges.update(found)
        ahead = {item for pair in found for item in pair} - seen
    return edges
