"""The one door by which works come into the library in numbers: files that somebody sends, and other libraries' lists.

What the library holds already is matched, never added a second time; what is new is added in bulk with its events.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.evidence.exchange import queries
from services.evidence.items.descriptions import LivedExperience, PracticeKnowledge, Research
from services.evidence.items.identifiers import Name
from services.evidence.items.queries import hold_works, known_works
from services.evidence.items.rules import add, identifiers_of, told
from services.evidence.items.tables import Item
from shared import clock
from shared.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Accepted:
    """A described work, and what else its source says of it."""

    description: Research | LivedExperience | PracticeKnowledge
    item_id: UUID | None = None
    """The item of this library that the source says it is, or that it was where it comes from."""
    keeps_id: bool = False
    """Whether it is added under that id where the library does not hold it: an export of a library like this one."""
    topics: Sequence[UUID] = ()
    """Beside those that all works of the batch are filed under."""


@dataclass
class Taken:
    """What became of the works."""

    created: list[Item] = field(default_factory=list[Item])
    items: list[UUID] = field(default_factory=list[UUID])
    """For each work, in its place, the item that stands for it."""
    matched: int = 0


async def take(
    uow: UnitOfWork, works: Sequence[Accepted], *, contributor: UUID, topics: Sequence[UUID], publish: bool
) -> Taken:
    """Add those that the library does not hold, as drafts or published; an account is published only with consent.

    Holds the works of the library until the transaction ends.
    """
    taken = Taken()
    if not works:
        return taken
    candidates = [_candidate(work, contributor, publish) for work in works]
    await hold_works(uow.session)
    prints = {item.fingerprint for item, _ in candidates if item.fingerprint}
    known = await known_works(uow.session, {name for _, names in candidates for name in names}, prints)
    held = await queries.held_among(uow.session, {work.item_id for work in works if work.item_id})
    filed: list[tuple[Item, list[UUID]]] = []
    names_of_new: list[tuple[UUID, str, str]] = []
    for work, (item, names) in zip(works, candidates, strict=True):
        # What is no work of research is like nothing but itself.
        fingerprint = item.fingerprint or str(item.id)
        holder = work.item_id if work.item_id in held else known.holder(fingerprint, names)
        taken.items.append(holder or item.id)
        if holder is not None:
            taken.matched += 1
            continue
        held.add(item.id)
        known.add(item.id, fingerprint, names)
        taken.created.append(item)
        filed.append((item, list(dict.fromkeys((*topics, *work.topics)))))
        names_of_new.extend((item.id, scheme, value) for scheme, value in names)
    await queries.add_works(uow.session, filed, names_of_new)
    uow.publish(*(told(item, under) for item, under in filed if item.state == "published"), sequence=1)
    return taken


def _candidate(work: Accepted, contributor: UUID, publish: bool) -> tuple[Item, list[Name]]:
    item = add(work.description, contributor)
    if work.keeps_id and work.item_id is not None:
        item.id = work.item_id
    if publish and item.consent_to_publish is not False:
        item.state, item.published_at = "published", clock.now()
    return item, identifiers_of(work.description)


def imported(created: Sequence[Item]) -> dict[str, Any]:
    """For the audit trail."""
    return {"items": [item.id for item in created]}
