"""How the tree of topics stays a small tree, and names stay unambiguous."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.evidence.library.topics.tables import Topic
from shared.events.contracts.evidence import TopicChanged, TopicCreated
from shared.problems import Conflict, FieldError, Invalid

MAX_LEVELS = 5
"""Levels of the tree: small enough to find a topic by looking through it."""


class TopicExists(Conflict):
    title = "There is already a topic with this name here"
    detail = "It is the topic {topic_id}. Use it, or choose a name that tells the two apart."


class NameTaken(Conflict):
    title = "This name belongs to another topic"
    detail = "It is a name or synonym of the topic {topic_id}. A name or synonym can belong to only one topic."


class TooDeep(Invalid):
    pointer = "/parent_id"
    title = "The tree of topics would become too deep"
    detail = f"It has at most {MAX_LEVELS} levels. Choose a topic further up as the parent."


class TopicCycle(Conflict):
    title = "A topic cannot lie under itself"
    detail = "The parent lies under this topic. Move that one out first, or choose another parent."


def create(name: str, parent: Topic | None, levels_above: int) -> tuple[Topic, TopicCreated]:
    """Return a new topic and its event. `levels_above` counts the parent and all above it. Raises TooDeep."""
    if levels_above >= MAX_LEVELS:
        raise TooDeep
    topic = Topic(name=name, parent_id=parent.id if parent else None)
    return topic, TopicCreated(topic_id=topic.id, name=name, parent_id=topic.parent_id)


def check_parent(levels: Mapping[UUID, int], parent: Topic | None, levels_above: int) -> None:
    """Check a move. `levels`: the topic (level 0) and each one under it with its level. Raises TopicCycle, TooDeep."""
    if parent is not None and parent.id in levels:
        raise TopicCycle
    if levels_above + max(levels.values()) >= MAX_LEVELS:
        raise TooDeep


def change(topic: Topic, name: str, parent_id: UUID | None) -> TopicChanged | None:
    """Rename or move the topic. Returns the event, or None if nothing changed."""
    if (topic.name, topic.parent_id) == (name, parent_id):
        return None
    topic.name, topic.parent_id = name, parent_id
    return TopicChanged(topic_id=topic.id, name=name, parent_id=parent_id)


def normalise_name(text: str) -> str:
    """Return the form in which names and synonyms are compared."""
    return " ".join(text.lower().split())


def normalise_synonyms(name: str, synonyms: Sequence[str]) -> list[str]:
    """Return the synonyms in normalised form. Raises Invalid for one that repeats the name or another synonym."""
    names = {normalise_name(name)}
    for index, synonym in enumerate(synonyms):
        if normalise_name(synonym) in names:
            detail = "This repeats the name or another synonym. Give another name, or leave it out."
            raise Invalid(errors=[FieldError(pointer=f"/synonyms/{index}", detail=detail)])
        names.add(normalise_name(synonym))
    return [normalise_name(synonym) for synonym in synonyms]
