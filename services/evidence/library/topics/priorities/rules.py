"""How the voices of the sector become the priority of a topic."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from services.evidence.library.topics.tables import Topic
from services.evidence.library.topics.voices.rules import AVERAGE_SCORE, Mentions
from shared.disclosure import smallest_count
from shared.events.contracts.evidence import PriorityChangeCause, TopicPriorityChanged

MENTIONS_COUNT_FOR = timedelta(days=365)
"""How long what was raised at assemblies and in requests counts."""

_EXPLANATION = (
    "Surveys give the score: the mean of what each stakeholder group scored, 0 to 100, each group weighing the same, "
    "however many of it answered. The score of a group is the mean of its scores in all surveys, weighted by how many"
    " of it answered each; groups too small to show count together as one. Assemblies and evidence requests of the "
    "last 12 months raise it where they score higher, and never lower it. Their score is the topic's share of "
    "everyone who took part in an assembly, or of everyone who asked, each of whom counts once for a topic: 50 when "
    "it is raised as often as the average topic, 100 when twice as often or more. Each weighs as many people as "
    "raised it, and at most half as much as all surveys together, so that no loud source decides alone. Numbers are "
    "rounded down as they are shown, and fewer than {fewest} people do not count. Until a survey has asked, a score "
    "of 50 is used in its place, and each source weighs the same."
)


class Voice(Protocol):
    """What one survey scored a topic."""

    @property
    def score(self) -> int: ...
    @property
    def respondents(self) -> int: ...
    @property
    def by_group(self) -> Sequence[Mapping[str, Any]]: ...


class Cause(NamedTuple):
    """Which voice caused a recalculation: a survey, assembly or request with its id, or time."""

    by: PriorityChangeCause
    source_id: UUID | None = None


def explanation() -> str:
    """Return the rule of `priority` in plain words."""
    return _EXPLANATION.format(fewest=smallest_count())


def priority(voices: Iterable[Voice], mentions: Collection[Mentions] = ()) -> int | None:
    """Return the priority as `explanation` says: 0 to 100, halves rounded up; None without any voice."""
    voices = tuple(voices)
    people = sum(voice.respondents for voice in voices)
    surveyed = score_of_groups(voices)
    raised = [(mention.score, mention.people) for mention in mentions if mention.score is not None]
    if surveyed is None:
        if not raised:
            return None
        return _weighted_mean([(AVERAGE_SCORE, 1), *((score, 1) for score, _ in raised)])
    # Everything is doubled, so that half of all who answered is a whole number.
    higher = [(score, min(2 * number, people)) for score, number in raised if score > surveyed]
    return _weighted_mean([(surveyed, 2 * people), *higher])


def score_of_groups(voices: Iterable[Voice]) -> Fraction | None:
    """Return the mean of the groups' scores, each group weighing the same; None where nobody answered.

    A group's score is the mean of its scores in all surveys, weighted by how many of it answered. Results from before
    groups were published count as one group of their own. Of one survey it is the score that this published, which was
    calculated before the groups' were rounded.
    """
    answered = [voice for voice in voices if voice.respondents]
    if len(answered) == 1:
        return Fraction(answered[0].score)
    by_group: dict[str, list[tuple[int, int]]] = {}
    for voice in answered:
        everyone: Mapping[str, Any] = {"group": "", "score": voice.score, "people": voice.respondents}
        for group in voice.by_group or [everyone]:
            by_group.setdefault(group["group"], []).append((group["score"], group["people"]))
    if not by_group:
        return None
    return sum((_mean(scores) for scores in by_group.values()), Fraction()) / len(by_group)


def counts(mention: Mentions, voices: Collection[Voice]) -> bool:
    """Return whether the mentions have a part in the priority."""
    surveyed = score_of_groups(voices)
    return mention.score is not None and (surveyed is None or mention.score > surveyed)


def reprioritise(
    topic: Topic, voices: Iterable[Voice], mentions: Collection[Mentions] = (), *, cause: Cause
) -> TopicPriorityChanged | None:
    """Give the topic the priority of all voices. Returns the event, or None if the priority stays the same."""
    new_priority = priority(voices, mentions)
    if new_priority == topic.priority:
        return None
    topic.priority = new_priority
    return TopicPriorityChanged(topic_id=topic.id, priority=new_priority, by=cause.by, source_id=cause.source_id)


def _mean(weighted: Collection[tuple[Fraction | int, int]]) -> Fraction:
    weights = sum(weight for _, weight in weighted)
    return sum((Fraction(score) * weight for score, weight in weighted), Fraction()) / weights


def _weighted_mean(weighted: Collection[tuple[Fraction | int, int]]) -> int:
    return int(_mean(weighted) + Fraction(1, 2))
