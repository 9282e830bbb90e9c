"""Add works in bulk, whether they come from files or from other libraries."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from uuid import UUID

from services.evidence.exchange.additions import queries, rules
from services.evidence.exchange.additions.rules import NewItem, NewWork
from services.evidence.library.items.identifiers.queries import known_works, lock_works
from services.evidence.library.items.identifiers.rules import Name
from services.evidence.library.items.words.commands import find_taken_back_works
from services.evidence.library.items.words.queries import has_known_texts, known_texts
from services.evidence.library.items.words.rules import Fingerprint, KnownText, copied_text, fingerprints_of
from services.evidence.library.provenance.tables import Withheld
from shared import clock
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import UnitOfWork


class MatchedWork(NamedTuple):
    """A work that the library had already."""

    position: int
    """Its place among the works of the batch."""
    item_id: UUID
    work: NewItem
    """The work, as it would have been added."""
    held_by_others: list[Name]
    """Those of its identifiers that other items have."""
    withheld: Withheld | None
    """Why nothing of it is added, where its words are those of a person."""


@dataclass
class Additions:
    """What became of the works of a batch."""

    created: list[NewItem] = field(default_factory=list[NewItem])
    item_ids: list[UUID | None] = field(default_factory=list[UUID | None])
    """For each work, in order, the item that stands for it; None for one that is refused."""
    matches: list[MatchedWork] = field(default_factory=list[MatchedWork])
    refused: set[int] = field(default_factory=set[int])
    """Positions of works that are not added, since they repeat what somebody took back (`rules.REPEATS`)."""

    @property
    def matched(self) -> int:
        """How many works the library had already."""
        return len(self.matches)


async def add_works(
    uow: UnitOfWork, works: Sequence[NewWork], *, contributor_id: UUID, topics: Sequence[UUID], publish: bool
) -> Additions:
    """Add the works that the library does not have, as drafts or published, and publish their events.

    A work that it has already is matched, and by the identifiers of both the works after it are. So is what copies an
    account or practice knowledge that a person gave here, also one that was withdrawn. Any other that repeats words
    which somebody took back is refused. Holds the lock on works until the transaction ends.
    """
    additions = Additions()
    if not works:
        return additions
    publish_at = clock.now() if publish else None
    candidates = [rules.new_item(work, contributor_id, topics, publish_at) for work in works]
    await lock_works(uow.session)
    fingerprints = {item.fingerprint for item, _ in candidates if item.fingerprint}
    existing = await known_works(uow.session, {name for _, names in candidates for name in names}, fingerprints)
    surviving = await queries.surviving_ids(uow.session, {work.item_id for work in works if work.item_id})
    copied = await _copied_items(uow, works, [item for item, _ in candidates])
    repeats = await find_taken_back_works(
        uow, {item.id: rules.all_texts(work.description) for work, (item, _) in zip(works, candidates, strict=True)}
    )
    names_of_created: list[tuple[str, str, UUID]] = []
    returns: dict[UUID, UUID] = {}
    for position, (work, (item, names)) in enumerate(zip(works, candidates, strict=True)):
        # Only research has a fingerprint. Anything else gets one of its own, which matches nothing.
        fingerprint = item.fingerprint or str(item.id)
        named_item = surviving.get(work.item_id) if work.item_id else None
        same_work = named_item or existing.holder(fingerprint, names)
        copy = copied.get(item.id)
        match = same_work or (copy and copy.item_id)
        additions.item_ids.append(match)
        if match is not None:
            others = [name for name in names if existing.by_name.get(name, match) != match]
            withheld = rules.withheld(copy, repeats=item.id in repeats)
            additions.matches.append(MatchedWork(position, match, item, others, withheld))
            if same_work is not None:
                existing.add(same_work, fingerprint, names)
            continue
        if item.id in repeats:
            additions.refused.add(position)
            continue
        new = replace(item, id=new_id()) if item.id in surviving else item
        if work.item_id is not None and work.item_id in surviving:
            returns[work.item_id] = surviving[work.item_id] = new.id
        additions.item_ids[-1] = surviving[item.id] = surviving[new.id] = new.id
        existing.add(new.id, fingerprint, names)
        additions.created.append(new)
        names_of_created.extend((scheme, value, new.id) for scheme, value in names)
    await queries.insert_items(uow.session, additions.created, names_of_created)
    await queries.note_returns(uow.session, returns)
    published = (item for item in additions.created if item.status == "published")
    uow.publish(*(rules.published_event(item.id, item.way_of_knowing, item.topics) for item in published), sequence=1)
    return additions


async def _copied_items(uow: UnitOfWork, works: Sequence[NewWork], items: Sequence[NewItem]) -> dict[UUID, KnownText]:
    """Return, for each new item whose words a person gave here before, that person's text."""
    if not await has_known_texts(uow.session):
        return {}
    texts: dict[UUID, tuple[str, list[Fingerprint]]] = {
        item.id: (item.way_of_knowing, fingerprints_of(comparable, uow.secret))
        for work, item in zip(works, items, strict=True)
        if (comparable := rules.comparable_texts(work, item))
    }
    candidates = await known_texts(uow.session, texts.values())
    copied = {item_id: copied_text(of_item, candidates, way) for item_id, (way, of_item) in texts.items()}
    return {item_id: text for item_id, text in copied.items() if text is not None}
