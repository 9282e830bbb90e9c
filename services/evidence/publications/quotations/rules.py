"""Which texts repeat what was taken back after it was given here, and how what holds them is kept from readers."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from services.evidence.library.items.tables import Item
from services.evidence.library.items.words.rules import KnownText, fingerprints_of, is_taken_back
from services.evidence.library.topics.tables import Topic
from services.evidence.publications.guides.tables import Guide
from services.evidence.publications.learning.tables import LearningPiece
from shared.events.contracts.evidence import EvidenceWithdrawn, TopicChanged

HELD_BACK_TEXT = "Held back until an editor has looked at it"
"""In the place of a title, a summary or a name: what they are of is found by them, so that they cannot be empty."""


class Scan(NamedTuple):
    """What was taken back, and how far the library was read for what repeats it: see `tables.quotation_scans`."""

    item_id: UUID
    edition: int | None
    stage: int
    after_id: UUID | None


class Wording(NamedTuple):
    """What a text said from this moment on."""

    since: datetime
    texts: Sequence[str]


class Passage(NamedTuple):
    """Texts that are held back together. `part`: of which part of the row, as its stage names it."""

    id: UUID
    texts: Sequence[str]
    wordings: Sequence[Wording]
    """What it says, and what it said before, each with when that began."""
    part: Any = None
    contributor_id: UUID | None = None


def first_repeated(
    passage: Passage, scans: Iterable[Scan], candidates: Iterable[KnownText], secret: str
) -> Scan | None:
    """Return the first of these scans whose words the passage repeats, by the comparison of the gate.

    What was said here before those words were shown is no quotation, however old the account is: else whoever copies a
    text and takes the copy back would take the text from everybody.
    """
    texts = fingerprints_of(passage.texts, secret)
    candidates = list(candidates)
    for scan in scans:
        shown = [text for text in candidates if text.item_id == scan.item_id or text.status == "published"]
        for shown_at in sorted({text.shown_at for text in candidates if text.item_id == scan.item_id}):
            of_then = [text for text in shown if text.item_id != scan.item_id or text.shown_at == shown_at]
            earlier = [text for wording in passage.wordings if wording.since <= shown_at for text in wording.texts]
            if is_taken_back(texts, of_then, passage.contributor_id, fingerprints_of(earlier, secret)):
                return scan
    return None


def hold_back_item(item: Item, now: datetime) -> EvidenceWithdrawn | None:
    """Make the item a draft that waits for an editor. Returns the event, or None if it was not published."""
    was_published = item.status == "published"
    item.held_back_at = item.held_back_at or now
    if not was_published:
        return None
    item.status, item.published_at = "draft", None
    return EvidenceWithdrawn(item_id=item.id)


def hold_back_listing(row: Guide | LearningPiece, names: Iterable[str]) -> None:
    """Replace these fields, by which the row is listed. What a guide said stays in its editions, for staff."""
    for name in names:
        setattr(row, name, HELD_BACK_TEXT)


def hold_back_topic(topic: Topic, *, name: bool, synonyms: Iterable[str]) -> TopicChanged | None:
    """Rename a topic and leave out these synonyms. Returns the event of another name."""
    topic.synonyms = [synonym for synonym in topic.synonyms if synonym not in set(synonyms)]
    if not name:
        return None
    topic.name = f"{HELD_BACK_TEXT} ({str(topic.id)[-6:]})"
    return TopicChanged(topic_id=topic.id, name=topic.name, parent_id=topic.parent_id)
