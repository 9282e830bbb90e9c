"""How the sector's voices become a topic's priority, and how the tree of topics stays a tree."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol
from uuid import UUID

from services.evidence.library.topics.tables import Topic
from services.evidence.small_numbers import SMALLEST_NUMBER
from shared.events.contracts.evidence import (
    PriorityMovedBy,
    TopicChanged,
    TopicCreated,
    TopicPriorityChanged,
    TopicPriorityReached,
)
from shared.problems import Conflict, FieldError, Invalid

DEEPEST = 5
"""Levels of the tree: a person finds a topic in it, so it stays small."""
HEARD_FOR = timedelta(days=365)
"""What assemblies and requests raise counts for a year."""
MIDDLE = 50
"""The score of a topic that is raised as often as the average topic is."""

HOW_REACHED = (
    "Surveys give the score: the mean of what each said, 0 to 100, weighted by how many people answered it. Within a "
    "survey each stakeholder group weighs the same. Assemblies and evidence requests of the last 12 months raise it "
    "where they score higher, and never lower it. Their score is the topic's share of everyone who took part in an "
    "assembly, or of every question: 50 when it is raised as often as the average topic, 100 when twice as often or "
    "more. Each weighs as many as were heard, and half as much as all surveys together at most, so that no loud "
    "source decides alone. Fewer than five people or questions do not count. Until a survey has asked, a score of 50 "
    "stands in for it, and each source weighs the same."
)


class TopicExists(Conflict):
    title = "There is a topic of this name here"
    detail = "It is the topic {topic_id}. Use it, or choose a name that says the difference."


class WordTaken(Conflict):
    title = "This word leads to another topic"
    detail = "It is a name or synonym of the topic {topic_id}. A word may lead to one topic alone."


class TooDeep(Invalid):
    pointer = "/parent_id"
    title = "The tree of topics would become too deep"
    detail = f"It has {DEEPEST} levels at most, so that people find their way. Choose a topic further up as the parent."


class InCircle(Conflict):
    title = "A topic cannot lie under itself"
    detail = "The parent lies under this topic. Move that one out first, or choose another parent."


class Voice(Protocol):
    """What one survey said of a topic."""

    @property
    def score(self) -> int: ...
    @property
    def respondents(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Attention:
    """How often a topic was raised at assemblies, or in requests, of the last 12 months."""

    kind: Literal["assembly", "request"]
    people: int
    everyone: int
    """For all topics together."""
    topics: int
    """How many topics were raised at all."""

    @property
    def score(self) -> int | None:
        """0 to 100, halves upwards; None for so few that they do not count."""
        if self.people < SMALLEST_NUMBER:
            return None
        return min(100, (2 * MIDDLE * self.people * self.topics + self.everyone) // (2 * self.everyone))


def create(name: str, parent: Topic | None, levels_above: int) -> tuple[Topic, TopicCreated]:
    """`levels_above` counts the parent and all above it. Raises TooDeep."""
    if levels_above >= DEEPEST:
        raise TooDeep
    topic = Topic(name=name, parent_id=parent.id if parent else None)
    return topic, TopicCreated(topic_id=topic.id, name=name, parent_id=topic.parent_id)


def check_place(below: Mapping[UUID, int], parent: Topic | None, levels_above: int) -> None:
    """`below` is the topic (level 0) and each under it with its level. Raises InCircle, TooDeep."""
    if parent is not None and parent.id in below:
        raise InCircle
    if levels_above + max(below.values()) >= DEEPEST:
        raise TooDeep


def change(topic: Topic, name: str, parent_id: UUID | None) -> TopicChanged | None:
    """None where that is how it was."""
    if (topic.name, topic.parent_id) == (name, parent_id):
        return None
    topic.name, topic.parent_id = name, parent_id
    return TopicChanged(topic_id=topic.id, name=name, parent_id=parent_id)


def word(text: str) -> str:
    """The form in which a name or synonym is compared."""
    return " ".join(text.lower().split())


def check_synonyms(name: str, synonyms: Sequence[str]) -> list[str]:
    """The words of these, each once. Raises Invalid for one that is said twice."""
    seen = {word(name)}
    for place, synonym in enumerate(synonyms):
        if word(synonym) in seen:
            detail = "This is said already. A synonym is another word."
            raise Invalid(errors=[FieldError(pointer=f"/synonyms/{place}", detail=detail)])
        seen.add(word(synonym))
    return [word(synonym) for synonym in synonyms]


def priority(voices: Iterable[Voice], attention: Collection[Attention] = ()) -> int | None:
    """As HOW_REACHED says: 0 to 100, halves upwards; None until somebody was heard."""
    heard = [(voice.score, voice.respondents) for voice in voices]
    people = sum(respondents for _, respondents in heard)
    said = sum(score * respondents for score, respondents in heard)
    raised = [(one.score, one.people) for one in attention if one.score is not None]
    if people == 0:
        if not raised:
            return None
        return _mean([(MIDDLE, 1), *((score, 1) for score, _ in raised)])
    # Everything twice, so that half of all who answered is a whole number.
    louder = [(score, min(2 * number, people)) for score, number in raised if score * people > said]
    return _rounded(2 * said + sum(score * weight for score, weight in louder), 2 * people + sum(w for _, w in louder))


def counts(one: Attention, voices: Collection[Voice]) -> bool:
    """Whether it had a part in the priority."""
    people = sum(voice.respondents for voice in voices)
    said = sum(voice.score * voice.respondents for voice in voices)
    return one.score is not None and (people == 0 or one.score * people > said)


def hear(
    topic: Topic,
    voices: Iterable[Voice],
    attention: Collection[Attention] = (),
    *,
    by: PriorityMovedBy,
    source_id: UUID | None = None,
) -> list[TopicPriorityReached | TopicPriorityChanged]:
    """Give the topic the priority that all voices make; nothing to tell when it stays.

    A survey is told of in both forms: whoever hears the older one goes on as before.
    """
    reached = priority(voices, attention)
    if reached == topic.priority:
        return []
    topic.priority = reached
    told = TopicPriorityReached(topic_id=topic.id, priority=reached, by=by, source_id=source_id)
    if by != "survey" or source_id is None or reached is None:
        return [told]
    return [told, TopicPriorityChanged(topic_id=topic.id, priority=reached, survey_id=source_id)]


def _mean(weighted: Collection[tuple[int, int]]) -> int:
    return _rounded(sum(score * weight for score, weight in weighted), sum(weight for _, weight in weighted))


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
