"""What the evidence service publishes."""

from typing import Literal
from uuid import UUID

from shared.events import Event

WayOfKnowing = Literal["research", "lived_experience", "practice_knowledge"]


class TopicCreated(Event, topic="evidence.topics", key="topic_id"):
    """A subject area was added. `name` is the sector's word for it, written by staff."""

    topic_id: UUID
    name: str
    parent_id: UUID | None = None


class TopicPriorityChanged(Event, topic="evidence.topics", key="topic_id"):
    """The sector's voices moved a topic. `priority` is 0 to 100."""

    topic_id: UUID
    priority: int
    survey_id: UUID


class EvidencePublished(Event, topic="evidence.items", key="item_id"):
    """An item can be found and applied. Titles stay behind: an account's title may be a person's own words."""

    item_id: UUID
    way_of_knowing: WayOfKnowing
    topic_ids: tuple[UUID, ...]


class EvidenceWithdrawn(Event, topic="evidence.items", key="item_id"):
    """An item may no longer be shown or applied."""

    item_id: UUID
