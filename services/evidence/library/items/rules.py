"""What may become of an item, who may see it, and what the law and the person's consent say."""

from datetime import datetime
from typing import Any
from uuid import UUID

from services.evidence.library.items.descriptions import (
    COMMON,
    WISHES,
    LivedExperience,
    PracticeKnowledge,
    Research,
    own_fields,
)
from services.evidence.library.items.identifiers import OF_WORKS, fingerprint
from services.evidence.library.items.problems import (
    AlreadyPublished,
    ConsentMissing,
    ConsentTakenBack,
    EditionsOfWorksStay,
    EditionStands,
    EditorsAloneChangeThis,
    ItemMerged,
    ItemNotFound,
    ItemStandsElsewhere,
    ItemWithdrawn,
    Seen,
    WayOfKnowingIsFixed,
)
from services.evidence.library.items.tables import Item
from shared.callers import Caller, Role
from shared.events.contracts.evidence import EvidenceChanged, EvidencePublished, EvidenceWithdrawn
from shared.problems import NotAllowed

Description = Research | LivedExperience | PracticeKnowledge


def add(description: Description, contributor: UUID) -> Item:
    """A draft. Only its contributor and the editors see it."""
    item = Item(way_of_knowing=description.way_of_knowing, title=description.title, own={}, contributor_id=contributor)
    describe(item, description)
    return item


def describe(item: Item, description: Description) -> None:
    """Put a whole description in the place of the one before. Raises WayOfKnowingIsFixed, ConsentTakenBack."""
    if description.way_of_knowing != item.way_of_knowing:
        raise WayOfKnowingIsFixed
    for name in COMMON - {"topics", "way_of_knowing"}:
        setattr(item, name, getattr(description, name))
    item.own = own_fields(description)
    item.consent_to_publish = description.consent.to_publish if isinstance(description, LivedExperience) else None
    if item.state == "published" and item.consent_to_publish is False:
        raise ConsentTakenBack
    item.fingerprint = fingerprint_of(description) if isinstance(description, Research) else None
    item.identified = bool(identifiers_of(description))


def change(item: Item, description: Description, now: datetime) -> EvidenceChanged | None:
    """Describe it anew. Of a published item that is a new edition, unless only wishes or topics changed."""
    before = wording(item)
    describe(item, description)
    item.updated_at = now
    if item.state != "published" or _said(wording(item)) == _said(before):
        return None
    item.edition += 1
    return EvidenceChanged(item_id=item.id, edition=item.edition)


def wording(item: Item) -> dict[str, Any]:
    """What an edition keeps: the description without topics, and without how the person wants to be named."""
    kept: dict[str, Any] = {
        name: getattr(item, name) for name in ("title", "summary", "country", "setting", "language")
    }
    return {**kept, "own": {name: value for name, value in item.own.items() if name not in WISHES}}


def _said(words: dict[str, Any]) -> dict[str, Any]:
    """Without what says nothing: a field that did not exist when the item was written is no difference."""
    return {**words, "own": {name: value for name, value in words["own"].items() if value not in (None, "", [])}}


def fingerprint_of(work: Research) -> str:
    year = work.published_on[:4] if work.published_on else None
    return fingerprint(work.title, year, work.authors, work.published_in, work.volume, work.pages)


def identifiers_of(description: Description) -> list[tuple[str, str]]:
    """Those by which the same work would be known again."""
    if not isinstance(description, Research):
        return []
    return sorted({(one.scheme, one.value) for one in description.identifiers if one.scheme in OF_WORKS})


def check_may_see(caller: Caller, item: Seen) -> None:
    """Everyone sees what is published; a draft, its contributor and the editors.

    Raises ItemWithdrawn, ItemMerged, ItemNotFound.
    """
    if item.state == "withdrawn":
        raise ItemWithdrawn(item)
    if item.state == "merged":
        raise ItemMerged(item.merged_into)
    if item.state != "published" and not may_see_all(caller, item):
        raise ItemNotFound


def check_stands(item: Seen) -> None:
    """Before a change: a redirect would let it fall on another item. Raises ItemStandsElsewhere."""
    if item.state == "merged":
        raise ItemStandsElsewhere(into=item.merged_into)


def may_see_all(caller: Caller, item: Seen) -> bool:
    """Also a draft, and what the person agreed to."""
    return is_own(caller, item) or is_editor(caller)


def is_own(caller: Caller, item: Seen) -> bool:
    return not caller.anonymous and item.contributor_id == caller.id


def is_editor(caller: Caller) -> bool:
    return caller.has(Role.EVIDENCE_EDITOR)


def check_may_change(caller: Caller, item: Item) -> None:
    """An editor; the contributor while it is a draft."""
    check_stands(item)
    check_may_see(caller, item)
    if is_editor(caller):
        return
    if not is_own(caller, item):
        raise NotAllowed
    if item.state == "published":
        raise EditorsAloneChangeThis


def check_may_withdraw(caller: Caller, item: Item) -> None:
    """An editor, and at any time whoever gave it."""
    check_stands(item)
    check_may_see(caller, item)
    if not may_see_all(caller, item):
        raise NotAllowed


def check_may_erase(caller: Caller, item: Item, edition: int) -> None:
    """Whoever may withdraw it may take back what it said before. Raises EditionsOfWorksStay, EditionStands besides."""
    check_may_withdraw(caller, item)
    if item.way_of_knowing == "research":
        raise EditionsOfWorksStay
    if edition == item.edition:
        raise EditionStands


def publish(item: Item, topics: list[UUID], now: datetime) -> EvidencePublished:
    """Raises ItemWithdrawn, ItemStandsElsewhere, AlreadyPublished or ConsentMissing."""
    check_stands(item)
    if item.state == "withdrawn":
        raise ItemWithdrawn(item)
    if item.state == "published":
        raise AlreadyPublished
    if item.way_of_knowing == "lived_experience" and not item.consent_to_publish:
        raise ConsentMissing
    item.state = "published"
    item.published_at = now
    return told(item, topics)


def told(item: Item, topics: list[UUID]) -> EvidencePublished:
    """What other services learn of a published item."""
    return EvidencePublished.model_validate(
        {"item_id": item.id, "way_of_knowing": item.way_of_knowing, "topic_ids": sorted(topics)}
    )


def withdraw(item: Item, now: datetime) -> EvidenceWithdrawn | None:
    """Take it out of sight; nothing to tell where nobody could see it.

    A person's own words and name are not kept beyond their consent: they are erased. A reference stays known, so that
    the next import does not bring it back.
    """
    was_public = item.state == "published"
    item.state = "withdrawn"
    item.published_at = None
    item.withdrawn_at = now
    if item.way_of_knowing != "research":
        item.title, item.summary, item.setting, item.country, item.own = "", "", None, None, {}
        item.retraction = None
    if item.way_of_knowing == "lived_experience":
        item.consent_to_publish = False
    return EvidenceWithdrawn(item_id=item.id) if was_public else None
