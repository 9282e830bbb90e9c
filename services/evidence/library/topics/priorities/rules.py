"""How the voices of the sector become the priority of a topic."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import NamedTuple, Protocol
from uuid import UUID

from services.evidence.library.topics.tables import Topic
from services.evidence.library.topics.voices.rules import AVERAGE_SCORE, Mentions
from shared.disclosure import threshold
from shared.events.contracts.evidence import PriorityChangeCause, TopicPriorityChanged

MENTIONS_COUNT_FOR = timedelta(days=365)
"""How long what was raised at assemblies and in requests counts."""

_EXPLANATION = (
    "Surveys give the score: the mean of their scores, 0 to 100, weighted by how many people answered each. Within a "
    "survey each stakeholder group weighs the same. Assemblies and evidence requests of the last 12 months raise it "
    "where they score higher, and never lower it. Their score is the topic's share of everyone who took part in an "
    "assembly, or of every question: 50 when it is raised as often as the average topic, 100 when twice as often or "
    "more. Each weighs as many people as raised it, and at most half as much as all surveys together, so that no loud "
    "source decides alone. Numbers are rounded down as they are shown, and fewer than {fewest} people or questions do "
    "not count. Until a survey has asked, a score of 50 is used in its place, and each source weighs the same."
)


class Voice(Protocol):
    """What one survey scored a topic."""

    @property
    def score(self) -> int: ...
    @property
    def respondents(self) -> int: ...


class Cause(NamedTuple):
    """Which voice caused a recalculation: a survey, assembly or request with its id, or time."""

    by: PriorityChangeCause
    source_id: UUID | None = None


def explanation() -> str:
    """Return the rule of `priority` in plain words."""
    return _EXPLANATION.format(fewest=threshold())


def priority(voices: Iterable[Voice], mentions: Collection[Mentions] = ()) -> int | None:
    """Return the priority as `explanation` says: 0 to 100, halves rounded up; None without any voice."""
    scores = [(voice.score, voice.respondents) for voice in voices]
    people = sum(respondents for _, respondents in scores)
    weighted_sum = sum(score * respondents for score, respondents in scores)
    raised = [(mention.score, mention.people) for mention in mentions if mention.score is not None]
    if people == 0:
        if not raised:
            return None
        return _weighted_mean([(AVERAGE_SCORE, 1), *((score, 1) for score, _ in raised)])
    # Everything is doubled, so that half of all who answered is a whole number.
    higher = [(score, min(2 * number, people)) for score, number in raised if score * people > weighted_sum]
    return _rounded(
        2 * weighted_sum + sum(score * weight for score, weight in higher),
        2 * people + sum(weight for _, weight in higher),
    )


def counts(mention: Mentions, voices: Collection[Voice]) -> bool:
    """Return whether the mentions have a part in the priority."""
    people = sum(voice.respondents for voice in voices)
    weighted_sum = sum(voice.score * voice.respondents for voice in voices)
    return mention.score is not None and (people == 0 or mention.score * people > weighted_sum)


def reprioritise(
    topic: Topic, voices: Iterable[Voice], mentions: Collection[Mentions] = (), *, cause: Cause
) -> TopicPriorityChanged | None:
    """Give the topic the priority of all voices. Returns the event, or None if the priority stays the same."""
    new_priority = priority(voices, mentions)
    if new_priority == topic.priority:
        return None
    topic.priority = new_priority
    return TopicPriorityChanged(topic_id=topic.id, priority=new_priority, by=cause.by, source_id=cause.source_id)


def _weighted_mean(weighted: Collection[tuple[int, int]]) -> int:
    return _rounded(sum(score * weight for score, weight in weighted), sum(weight for _, weight in weighted))


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
