"""The one door by which works come into the library in numbers: files that somebody sends, and other libraries' lists.

What the library holds already is matched, never added a second time; what is new is added in bulk with its events.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.evidence.exchange.imports import queries
from services.evidence.exchange.imports.queries import NewItem
from services.evidence.exchange.imports.rules import MOST_TOPICS
from services.evidence.library.items.descriptions import COMMON_FIELDS, LivedExperience, PracticeKnowledge, Research
from services.evidence.library.items.identifiers import Name
from services.evidence.library.items.queries import known_works, lock_works
from services.evidence.library.items.rules import fingerprint_of, identifiers_of
from shared import clock
from shared.events.contracts.evidence import EvidencePublished
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Accepted:
    """A described work, and what else its source says of it."""

    description: Research | LivedExperience | PracticeKnowledge
    item_id: UUID | None = None
    """The item of this library that the source says it is, or that it was where it comes from."""
    keeps_id: bool = False
    """Whether it is added under that id where the library does not hold it: an export of a library like this one."""
    topics: Sequence[UUID] = ()
    """Beside those that all works of the batch are filed under, as far as an item may have more."""


@dataclass
class Taken:
    """What became of the works."""

    created: list[NewItem] = field(default_factory=list[NewItem])
    items: list[UUID] = field(default_factory=list[UUID])
    """For each work, in its place, the item that stands for it."""
    matched: int = 0


async def take(
    uow: UnitOfWork, works: Sequence[Accepted], *, contributor: UUID, topics: Sequence[UUID], publish: bool
) -> Taken:
    """Add those that the library does not hold, as drafts or published; an account is published only with consent.

    Whoever brings an account or practice knowledge from elsewhere is not the person who gave it, and has no say over
    their wishes: such an item has no contributor here. Holds the works of the library until the transaction ends.
    """
    taken = Taken()
    if not works:
        return taken
    now = clock.now() if publish else None
    candidates = [_candidate(work, contributor, topics, now) for work in works]
    await lock_works(uow.session)
    prints = {item.fingerprint for item, _ in candidates if item.fingerprint}
    known = await known_works(uow.session, {name for _, names in candidates for name in names}, prints)
    held = await queries.held_among(uow.session, {work.item_id for work in works if work.item_id})
    names_of_new: list[tuple[str, str, UUID]] = []
    for work, (item, names) in zip(works, candidates, strict=True):
        # What is no work of research is like nothing but itself.
        fingerprint = item.fingerprint or str(item.id)
        stands = held.get(work.item_id) if work.item_id else None
        holder = stands or known.holder(fingerprint, names)
        taken.items.append(holder or item.id)
        if holder is not None:
            taken.matched += 1
            continue
        held[item.id] = item.id
        known.add(item.id, fingerprint, names)
        taken.created.append(item)
        names_of_new.extend((scheme, value, item.id) for scheme, value in names)
    await queries.add_works(uow.session, taken.created, names_of_new)
    told = (_told(item.id, item.way_of_knowing, item.topics) for item in taken.created if item.state == "published")
    uow.publish(*told, sequence=1)
    return taken


async def publish_drafts(uow: UnitOfWork, items: Collection[UUID], *, client: UUID | None) -> int:
    """Of these, the drafts that an import brought, as an editor publishes one; for a client, what it brought itself.

    What somebody wrote here by hand waits for an editor who has read it.
    """
    now = clock.now()
    published = await queries.publish_drafts(uow.session, items, now, client)
    topics = await queries.show_filings_since(uow.session, [row.id for row in published], now)
    for row in published:
        uow.publish(_told(row.id, row.way_of_knowing, topics.get(row.id, [])), sequence=row.version)
        after = {"state": "published", "published_at": now}
        uow.record("changed", "Item", row.id, before={"state": "draft"}, after=after)
    return len(published)


def _candidate(
    work: Accepted, contributor: UUID, topics: Sequence[UUID], now: datetime | None
) -> tuple[NewItem, list[Name]]:
    """As `items.rules.add` would make it, past the object mapper."""
    described = work.description
    names = identifiers_of(described)
    consent = described.consent.to_publish if isinstance(described, LivedExperience) else None
    published_at = None if consent is False else now
    item = NewItem(
        id=work.item_id if work.keeps_id and work.item_id is not None else new_id(),
        way_of_knowing=described.way_of_knowing,
        state="published" if published_at else "draft",
        title=described.title,
        summary=described.summary,
        country=described.country,
        setting=described.setting,
        language=described.language,
        details=described.model_dump_json(by_alias=True, exclude=_NOT_OWN),
        consent_to_publish=consent,
        contributor_id=contributor if isinstance(described, Research) else None,
        fingerprint=fingerprint_of(described) if isinstance(described, Research) else None,
        identified=bool(names),
        published_at=published_at,
        topics=list(dict.fromkeys((*topics, *work.topics)))[:MOST_TOPICS] if work.topics else list(topics),
    )
    return item, names


_NOT_OWN = set(COMMON_FIELDS)


def _told(item_id: UUID, way_of_knowing: str, topics: Sequence[UUID]) -> EvidencePublished:
    return EvidencePublished.model_validate(
        {"item_id": item_id, "way_of_knowing": way_of_knowing, "topic_ids": sorted(topics)}
    )


def imported(created: Sequence[NewItem]) -> dict[str, Any]:
    """For the audit trail."""
    return {"items": [item.id for item in created]}
