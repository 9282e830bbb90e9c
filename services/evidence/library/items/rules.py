"""Who may see and change an item, and what may become of it."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from services.evidence.callers import is_editor
from services.evidence.library.items.attribution import Contributed, is_contributor
from services.evidence.library.items.descriptions import (
    COMMON_FIELDS,
    LivedExperience,
    NoticeNature,
    PracticeKnowledge,
    Research,
    detail_fields,
)
from services.evidence.library.items.identifiers.rules import WORK_SCHEMES, fingerprint
from services.evidence.library.items.tables import Item, ItemStatus, Side
from services.evidence.library.items.words.content import without_empty, wording
from shared.callers import Caller
from shared.events.contracts.evidence import EvidenceChanged, EvidencePublished, EvidenceWithdrawn, RetractionNature
from shared.http.caching import NO_STORE
from shared.problems import Conflict, Gone, Invalid, NotAllowed, Problem

Description = Research | LivedExperience | PracticeKnowledge


class AnyItem(Contributed, Protocol):
    """An item as an entity or as a row of columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def way_of_knowing(self) -> str: ...
    @property
    def status(self) -> ItemStatus: ...
    @property
    def withdrawn_at(self) -> datetime | None: ...
    @property
    def withdrawn_by(self) -> Side | None: ...
    @property
    def withdrawal_reason(self) -> str | None: ...
    @property
    def merged_into(self) -> UUID | None: ...


class ItemWithdrawn(Gone):
    title = "This item has been withdrawn"
    detail = "It is no longer shown or applied. Search for other evidence on the same topic."

    def __init__(self, item: AnyItem | None = None, *, whole: bool = False) -> None:
        """`whole`: for whoever gave it and editors, who see too from which side it was withdrawn, and why."""
        fields = ("id", "way_of_knowing", "withdrawn_at", *(("withdrawn_by", "withdrawal_reason") if whole else ()))
        tombstone = None if item is None else {name: getattr(item, name) for name in fields}
        super().__init__(headers=NO_STORE.headers if whole else None, tombstone=tombstone)


class ItemMerged(Problem):
    """A redirect to the item that this one was merged into. Changes are refused with MergedItemIsReadOnly instead."""

    status = 308
    title = "This item has been merged into another one"
    detail = "Both described the same work. Follow the Location header to the item that describes it now."

    def __init__(self, into: UUID | None = None) -> None:
        super().__init__(headers={"Location": f"/v1/evidence/{into}"})
        self.into = into


class MergedItemIsReadOnly(Conflict):
    title = "This item has been merged into another one"
    detail = "Both described the same work. Change the item {into} instead, or undo the merge."


class DuplicateWork(Conflict):
    title = "This work is already in the library"
    detail = "It is the item {item_id}. Use that one, and ask an editor if something in it should be changed."


class ConsentMissing(Conflict):
    title = "The person has not agreed to publish this"
    detail = (
        "This account can be published once the person who gave it agrees in `consent.to_publish`. Ask them; until "
        "then it stays a draft. What a file or another library says that somebody agreed to counts for nothing here: "
        "the person adds such an account themselves."
    )


class PublishedNeedsConsent(Conflict):
    title = "A published account cannot stay without consent"
    detail = (
        "Nothing was changed. To stop showing it, withdraw the consent (PUT to /consent of the item) or the item (POST "
        "to its /withdraw): either withdraws it for good and erases its text."
    )


class AlreadyPublished(Conflict):
    title = "This item is already published"
    detail = "Nothing needs to be done. To change it, send a PATCH."


class OnlyEditorsChangePublished(NotAllowed):
    title = "Only an editor can change this of a published item"
    detail = (
        "Ask an evidence editor to change its topics, country, setting or language, and change consent and credit at "
        "/consent and /credit of the item. Other words for your own account or practice knowledge you may send alone: "
        "an editor reads them before they replace what is shown. Withdraw the item if it should no longer be shown."
    )


class WayOfKnowingIsFixed(Conflict):
    title = "The way of knowing of an item cannot be changed"
    detail = "Withdraw this item and add a new one in the other way of knowing."


class TitlesAreSearched(Invalid):
    title = "What is published is found by the search"
    detail = "Send the words to /v1/search, as `q`; `title:` before a word looks for it in titles alone."


def add(description: Description, contributor: UUID) -> Item:
    """Return a draft. Only its contributor and the editors see it."""
    item = Item(
        way_of_knowing=description.way_of_knowing, title=description.title, details={}, contributor_id=contributor
    )
    describe(item, description)
    return item


def check_way_of_knowing(item: Item, description: Description) -> None:
    """Raise WayOfKnowingIsFixed for a description of another way of knowing."""
    if description.way_of_knowing != item.way_of_knowing:
        raise WayOfKnowingIsFixed


def describe(item: Item, description: Description) -> None:
    """Replace the whole description of the item. Raises WayOfKnowingIsFixed, PublishedNeedsConsent."""
    check_way_of_knowing(item, description)
    for name in COMMON_FIELDS - {"topics", "way_of_knowing"}:
        setattr(item, name, getattr(description, name))
    item.details = detail_fields(description)
    item.consent_to_publish = description.consent.to_publish if isinstance(description, LivedExperience) else None
    if item.status == "published" and item.consent_to_publish is False:
        raise PublishedNeedsConsent
    item.fingerprint = fingerprint_of(description) if isinstance(description, Research) else None
    item.identified = bool(identifiers_of(description))


def change(item: Item, description: Description, now: datetime) -> EvidenceChanged | None:
    """Replace the description. Returns the event of a new edition, or None.

    A draft has one edition; a published item gets a new one unless only its topics, consent or credit changed.
    """
    before = wording(item)
    describe(item, description)
    item.updated_at = now
    if item.status != "published" or without_empty(wording(item)) == without_empty(before):
        return None
    item.edition += 1
    return EvidenceChanged(item_id=item.id, edition=item.edition)


def fingerprint_of(work: Research) -> str:
    """Return the fingerprint of the work (`identifiers.fingerprint`)."""
    year = work.published_on[:4] if work.published_on else None
    return fingerprint(work.title, year, work.authors, work.published_in, work.volume, work.pages)


def identifiers_of(description: Description) -> list[tuple[str, str]]:
    """Return the identifiers (scheme, value) that identify the work itself, sorted."""
    if not isinstance(description, Research):
        return []
    return sorted(
        {
            (identifier.scheme, identifier.value)
            for identifier in description.identifiers
            if identifier.scheme in WORK_SCHEMES
        }
    )


def check_not_gone(item: AnyItem, caller: Caller) -> None:
    """Raise ItemWithdrawn or ItemMerged, whoever asks."""
    if item.status == "withdrawn":
        raise ItemWithdrawn(item, whole=may_see_all(caller, item))
    if item.status == "merged":
        raise ItemMerged(item.merged_into)


def is_visible(caller: Caller, item: AnyItem) -> bool:
    """Return whether the caller may see it: everyone what is published; a draft, its contributor and the editors."""
    return item.status == "published" or may_see_all(caller, item)


def check_not_merged(item: AnyItem) -> None:
    """Refuse a change of a merged item: a redirect would apply it to another one. Raises MergedItemIsReadOnly."""
    if item.status == "merged":
        raise MergedItemIsReadOnly(into=item.merged_into)


def may_see_all(caller: Caller, item: Contributed) -> bool:
    """Return whether the caller sees drafts and what the person agreed to: the contributor and the editors."""
    return is_contributor(caller, item) or is_editor(caller)


def check_may_change(caller: Caller, item: Item) -> None:
    """Allow editors and the contributor, whose changes are proposals where `proposing_side` says so.

    Raises NotAllowed, OnlyEditorsChangePublished for published research.
    """
    if is_editor(caller):
        return
    if not is_contributor(caller, item):
        raise NotAllowed
    if item.status == "published" and item.way_of_knowing == "research":
        raise OnlyEditorsChangePublished


def proposing_side(caller: Caller, item: Item) -> Side | None:
    """Return from which side the caller can only propose other words; None for whoever may simply change them.

    An account is in its person's own words, and so is practice knowledge under a person's name. What is published, an
    editor has read: other words of the contributor are read too, before they are.
    """
    if is_contributor(caller, item):
        return "contributor" if item.status == "published" and not is_editor(caller) else None
    credit: dict[str, Any] = item.details.get("credit") or {}
    is_somebodys = item.way_of_knowing == "lived_experience" or credit.get("attribution") == "person"
    return "editor" if is_somebodys and item.contributor_id is not None else None


def check_contributor_or_editor(caller: Caller, item: Contributed) -> None:
    """Allow the contributor and editors. Raises NotAllowed."""
    if not may_see_all(caller, item):
        raise NotAllowed


def publish(item: Item, topics: list[UUID], now: datetime) -> EvidencePublished:
    """Publish the item. Raises ItemWithdrawn, MergedItemIsReadOnly, AlreadyPublished, ConsentMissing."""
    check_not_merged(item)
    if item.status == "withdrawn":
        raise ItemWithdrawn(item)
    if item.status == "published":
        raise AlreadyPublished
    if item.way_of_knowing == "lived_experience" and not (item.consent_to_publish and item.contributor_id):
        raise ConsentMissing
    item.status, item.published_at, item.held_back_at = "published", now, None
    return published_event(item, topics)


def published_nature(item: Item) -> RetractionNature | None:
    """Return what became of the work as events say it: nothing where a newer one has taken its place."""
    nature: NoticeNature | None = item.retraction["nature"] if item.retraction else None
    return None if nature == "superseded" else nature


def published_event(item: Item, topics: list[UUID]) -> EvidencePublished:
    """Return what other services learn of a published item."""
    return EvidencePublished.model_validate(
        {
            "item_id": item.id,
            "way_of_knowing": item.way_of_knowing,
            "topic_ids": sorted(topics),
            "notice": published_nature(item),
        }
    )


def withdraw(item: Item, now: datetime, by: Side | None = None, reason: str | None = None) -> EvidenceWithdrawn | None:
    """Withdraw the item. Returns the event, or None if nobody could see it.

    Accounts and practice knowledge are erased: a person's own text and name are not kept beyond their consent. A
    reference is kept, so that the next import does not add it again.
    """
    was_shown = item.status == "published" or item.held_back_at is not None
    item.status = "withdrawn"
    item.published_at = None
    item.withdrawn_at = now
    item.held_back_at = None
    item.withdrawn_by, item.withdrawal_reason = by, reason
    if item.way_of_knowing != "research":
        item.title, item.summary, item.setting, item.country, item.details = "", "", None, None, {}
        item.retraction = None
    if item.way_of_knowing == "lived_experience":
        item.consent_to_publish = False
    return EvidenceWithdrawn(item_id=item.id) if was_shown else None
