"""How an added work becomes an item of the library."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.evidence.library.items.attribution import without_agreement
from services.evidence.library.items.descriptions import (
    COMMON_FIELDS,
    LivedExperience,
    PracticeKnowledge,
    Research,
    detail_fields,
)
from services.evidence.library.items.identifiers.rules import Name
from services.evidence.library.items.rules import fingerprint_of, identifiers_of
from services.evidence.library.items.tables import ItemStatus
from services.evidence.library.items.words.rules import KnownText, compared_texts_of, texts_of
from services.evidence.library.provenance.tables import Withheld
from shared.events.contracts.evidence import EvidencePublished
from shared.persistence.tables import new_id

REPEATS = (
    "It holds words that somebody gave here and took back, or nearly those, so it is not added. Only the person who "
    "gave them can give them again. Take them out and send the record again."
)
WITHHELD_REASONS: dict[Withheld, str] = {
    "taken_back": "It holds words that somebody gave here and took back, or nearly those, so nothing of it was added.",
    "given": "Its words are those of an account, or of practice knowledge, that its person gave here themselves, so "
    "nothing of it was added.",
}
MAX_TOPICS = 20
"""For one item, as in `items.descriptions`."""
_COMMON = set(COMMON_FIELDS)


@dataclass(frozen=True, slots=True)
class NewWork:
    """A work to add, and what its source says about it besides its description."""

    description: Research | LivedExperience | PracticeKnowledge
    item_id: UUID | None = None
    """Its id as the source states it: of an item of this library, or of the library that it comes from."""
    keeps_id: bool = False
    """Whether to add it under that id if there is no such item here: so for an export of a library like this one."""
    topics: Sequence[UUID] = ()
    """Topics besides those of the whole batch, up to the limit for an item."""


@dataclass(slots=True)
class NewItem:
    """The columns of a new item, and its topics. `details` is JSON."""

    id: UUID
    way_of_knowing: str
    status: ItemStatus
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: str
    consent_to_publish: bool | None
    contributor_id: UUID | None
    fingerprint: str | None
    identified: bool
    published_at: datetime | None
    topics: list[UUID]


def new_item(
    work: NewWork, contributor_id: UUID, topics: Sequence[UUID], publish_at: datetime | None
) -> tuple[NewItem, list[Name]]:
    """Return the item and its identifiers, as `items.rules.add` would make it, without the object mapper.

    Whoever brings an account or practice knowledge from elsewhere is not the person who gave it and may not decide
    about it: such an item has no contributor, names no person, and an account stays a draft.
    """
    description = without_agreement(work.description)
    names = identifiers_of(description)
    consent = description.consent.to_publish if isinstance(description, LivedExperience) else None
    published_at = publish_at if consent is None else None
    item = NewItem(
        id=work.item_id if work.keeps_id and work.item_id is not None else new_id(),
        way_of_knowing=description.way_of_knowing,
        status="published" if published_at else "draft",
        title=description.title,
        summary=description.summary,
        country=description.country,
        setting=description.setting,
        language=description.language,
        details=description.model_dump_json(by_alias=True, exclude=_COMMON),
        consent_to_publish=consent,
        contributor_id=contributor_id if isinstance(description, Research) else None,
        fingerprint=fingerprint_of(description) if isinstance(description, Research) else None,
        identified=bool(names),
        published_at=published_at,
        topics=list(dict.fromkeys((*topics, *work.topics)))[:MAX_TOPICS] if work.topics else list(topics),
    )
    return item, names


def comparable_texts(work: NewWork, item: NewItem) -> list[str]:
    """Return the texts that may copy a person's words.

    Of research none that has an identifier or appeared somewhere, as most has: accounts leave the library without.
    """
    match work.description:
        case Research(summary=summary, published_in=published_in):
            return [summary] if summary and not item.identified and published_in is None else []
        case description:
            return texts_of(description.summary, detail_fields(description))


def withheld(copied: KnownText | None, *, repeats: bool) -> Withheld | None:
    """Return why nothing is added of a work that copies a person's text, or repeats what somebody took back."""
    if repeats or (copied is not None and copied.status == "withdrawn"):
        return "taken_back"
    return None if copied is None else "given"


def all_texts(description: Research | LivedExperience | PracticeKnowledge) -> list[str]:
    """Return every text in which words could stand that somebody took back."""
    return compared_texts_of(description.title, description.summary, description.setting, vars(description))


def published_event(
    item_id: UUID, way_of_knowing: str, topics: Iterable[UUID], notice: str | None = None
) -> EvidencePublished:
    """Return the event of an item that is published, with what became of the work before."""
    return EvidencePublished.model_validate(
        {"item_id": item_id, "way_of_knowing": way_of_knowing, "topic_ids": sorted(topics), "notice": notice}
    )
