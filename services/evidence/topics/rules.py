"""How the sector's voices become a topic's priority."""

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from services.evidence.topics.tables import Topic
from shared.contracts.evidence import TopicCreated, TopicPriorityChanged
from shared.problems import Conflict, Invalid, NotFound

DEEPEST = 5
"""Levels of the tree: a person finds a topic in it, so it stays small."""

HOW_REACHED = (
    "The mean of what each survey said, 0 to 100, weighted by how many people answered it. Within a survey each "
    "stakeholder group weighs the same."
)


class TopicNotFound(NotFound):
    detail = "No topic with this id was found. The list is at /v1/topics."


class TopicExists(Conflict):
    title = "There is a topic of this name here"
    detail = "It is the topic {topic_id}. Use it, or choose a name that says the difference."


class TooDeep(Invalid):
    title = "The tree of topics would become too deep"
    detail = f"It has {DEEPEST} levels at most, so that people find their way. Choose a topic further up as the parent."


class Voice(Protocol):
    """What one survey said of a topic."""

    @property
    def score(self) -> int: ...
    @property
    def respondents(self) -> int: ...


def create(name: str, parent: Topic | None, levels_above: int) -> tuple[Topic, TopicCreated]:
    """`levels_above` counts the parent and all above it. Raises TooDeep."""
    if levels_above >= DEEPEST:
        raise TooDeep
    topic = Topic(name=name, parent_id=parent.id if parent else None)
    return topic, TopicCreated(topic_id=topic.id, name=name, parent_id=topic.parent_id)


def priority(voices: Iterable[Voice]) -> int | None:
    """0 to 100, halves upwards; None until somebody answered."""
    heard = [(voice.score, voice.respondents) for voice in voices]
    people = sum(respondents for _, respondents in heard)
    if people == 0:
        return None
    return (2 * sum(score * respondents for score, respondents in heard) + people) // (2 * people)


def hear(topic: Topic, voices: Iterable[Voice], survey_id: UUID) -> TopicPriorityChanged | None:
    """Give the topic the priority that all voices make; nothing to tell when it stays."""
    reached = priority(voices)
    if reached is None or reached == topic.priority:
        return None
    topic.priority = reached
    return TopicPriorityChanged(topic_id=topic.id, priority=reached, survey_id=survey_id)
