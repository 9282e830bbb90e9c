"""Events of the evidence service."""

from datetime import date
from typing import Literal
from uuid import UUID

from shared.events.event import Event

WayOfKnowing = Literal["research", "lived_experience", "practice_knowledge"]
RetractionNature = Literal["retraction", "correction", "expression_of_concern", "reinstatement"]
GuideDoubt = Literal["unsupported", "doubted"]
"""A statement has nothing left to stand on, or something has happened to what it cites and an editor looks at it."""
Urgency = Literal["today", "this_week", "this_month", "no_hurry"]
PriorityChangeCause = Literal["survey", "assembly", "request", "time"]


class TopicCreated(Event, topic="evidence.topics", key="topic_id"):
    """A topic was added. `name` is the sector's term for it, written by staff."""

    topic_id: UUID
    name: str
    parent_id: UUID | None = None


class TopicChanged(Event, topic="evidence.topics", key="topic_id"):
    """An editor renamed a topic, or moved it in the tree."""

    topic_id: UUID
    name: str
    parent_id: UUID | None = None


class TopicPriorityChanged(Event, topic="evidence.topics", key="topic_id"):
    """The priority of a topic changed, 0 to 100; null when no voice counts any more.

    `by` says which voice changed it, and `source_id` is its survey, assembly or evidence request. There is no source
    where voices of more than a year ago ceased to count.
    """

    topic_id: UUID
    priority: int | None
    by: PriorityChangeCause
    source_id: UUID | None = None


class EvidencePublished(Event, topic="evidence.items", key="item_id"):
    """An item can be found and applied. Without its title: that of an account may be a person's own words.

    `notice`: what became of the work before it was published here.
    """

    item_id: UUID
    way_of_knowing: WayOfKnowing
    topic_ids: tuple[UUID, ...]
    notice: RetractionNature | None = None


class EvidenceWithdrawn(Event, topic="evidence.items", key="item_id"):
    """An item may no longer be shown or applied."""

    item_id: UUID


class EvidenceChanged(Event, topic="evidence.items", key="item_id"):
    """A published item has a new edition: what cites an earlier one should be looked at again."""

    item_id: UUID
    edition: int


class EvidenceRetracted(Event, topic="evidence.items", key="item_id"):
    """A work was retracted, corrected, doubted or reinstated. It is still shown, with that notice first."""

    item_id: UUID
    nature: RetractionNature


class EvidenceAppraised(Event, topic="evidence.items", key="item_id"):
    """Two people have judged an edition of an item, and where they differed it is settled. Without what they said."""

    item_id: UUID
    appraisal_id: UUID
    edition: int


class EvidenceMerged(Event, topic="evidence.items", key="item_id"):
    """The item is the same as another, which stands for both from now on."""

    item_id: UUID
    into_id: UUID


class EvidenceUnmerged(Event, topic="evidence.items", key="item_id"):
    """A merge was undone: the item stands for itself again."""

    item_id: UUID
    from_id: UUID


class GuidePublished(Event, topic="evidence.guides", key="guide_id"):
    """A guide, or a new edition of one, was published. `ways_of_knowing`: those of the items that it cites."""

    guide_id: UUID
    edition: int
    topic_ids: tuple[UUID, ...]
    item_ids: tuple[UUID, ...]
    ways_of_knowing: tuple[WayOfKnowing, ...]


class GuideWithdrawn(Event, topic="evidence.guides", key="guide_id"):
    """A guide may no longer be applied."""

    guide_id: UUID


class GuideFlagsChanged(Event, topic="evidence.guides", key="guide_id"):
    """A statement of a published guide came into doubt, or no longer is: what stands on the guide looks at it again.

    `doubts`: those that the guide has now, of any of its statements. A new edition has none until this event says so.
    """

    guide_id: UUID
    doubts: tuple[GuideDoubt, ...] = ()


class EvidenceRequestReceived(Event, topic="evidence.requests", key="request_id"):
    """Somebody on the front line asked a question. Its text is in no event."""

    request_id: UUID
    topic_ids: tuple[UUID, ...]
    urgency: Urgency
    needed_by: date | None = None


class EvidenceRequestAnswered(Event, topic="evidence.requests", key="request_id"):
    """Staff answered a request. `within_hours`: from the question to this answer."""

    request_id: UUID
    item_ids: tuple[UUID, ...]
    guide_ids: tuple[UUID, ...]
    within_hours: int


class EvidenceRequestRevised(Event, topic="evidence.requests", key="request_id"):
    """An editor revised an answer that stood on something in doubt. The sources are all that its answers cite now."""

    request_id: UUID
    item_ids: tuple[UUID, ...]
    guide_ids: tuple[UUID, ...]


class EvidenceRequestClosed(Event, topic="evidence.requests", key="request_id"):
    """Whoever asked recorded whether the answer was used."""

    request_id: UUID
    used: bool


class EvidenceRequestWithdrawn(Event, topic="evidence.requests", key="request_id"):
    """Whoever asked withdrew the question, answered or not. Its text is erased."""

    request_id: UUID


class LearningPublished(Event, topic="evidence.learning", key="piece_id"):
    """A learning piece was published, or a new edition of one. It is linked to items and guides."""

    piece_id: UUID
    item_ids: tuple[UUID, ...]
    guide_ids: tuple[UUID, ...]


class LearningCompleted(Event, topic="evidence.learning", key="completion_id"):
    """Somebody finished a learning piece: not who."""

    completion_id: UUID
    piece_id: UUID
