"""How strongly each topic was put first, as far as the summaries of a closed survey show it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from uuid import UUID

from services.engagement.surveys.results.summaries import HIGHEST_POINTS, AnswerSummary, QuestionResults
from services.engagement.surveys.surveys.rules import Question
from shared.events.contracts.engagement import GroupScore, TopicPriority

SMALLER_GROUPS = "smaller_groups"
"""The groups not shown, together, among the scores of groups."""


def topic_priorities(questions: Sequence[Question], results: Sequence[QuestionResults]) -> list[TopicPriority]:
    """Return how strongly each topic was put first, from 0 to 100, each stakeholder group weighing the same.

    A group's view of a topic is the mean of its scores and ranks of the options that stand for it. Only what is shown
    counts, the smaller groups together as one group: so the priority tells nothing that the tables do not.
    """
    views: dict[UUID, dict[str, list[tuple[Fraction, int]]]] = {}
    for question, result in zip(questions, results, strict=True):
        for option in question.options:
            if option.topic_id is None:
                continue
            for measure in result.measures:
                if measure.option not in (None, option.id):
                    continue
                groups: list[tuple[str, AnswerSummary]] = [(row.group, row) for row in measure.by_group]
                groups += [(SMALLER_GROUPS, measure.smaller_groups)] if measure.smaller_groups else []
                for group, summary in groups:
                    if (strength := _strength(question, option.id, summary)) is not None:
                        views.setdefault(option.topic_id, {}).setdefault(group, []).append(
                            (strength, summary.answered.at_least)
                        )
    return [_priority(topic, by_group) for topic, by_group in views.items()]


def _strength(question: Question, option: str, summary: AnswerSummary) -> Fraction | None:
    """Return how strongly a group put the option first, from 0 to 1, as far as that is shown."""
    if question.kind == "score":
        span = question.highest - question.lowest
        return None if summary.mean is None else (Fraction(str(summary.mean)) - question.lowest) / span
    points = (summary.points or {}).get(option)
    return None if points is None else Fraction(str(points)) / HIGHEST_POINTS


def _priority(topic_id: UUID, by_group: Mapping[str, Sequence[tuple[Fraction, int]]]) -> TopicPriority:
    """Return the score of each group, and the mean of their scores: percentages, halves rounded up."""
    means = {group: sum((view for view, _ in views), Fraction()) / len(views) for group, views in by_group.items()}
    scores = [
        GroupScore.model_validate(
            {
                "group": group,
                "score": _percent(means[group]),
                "people": max(answered for _, answered in by_group[group]),
            }
        )
        for group in sorted(by_group)
    ]
    score = _percent(sum(means.values(), Fraction()) / len(means))
    return TopicPriority(topic_id=topic_id, score=score, by_group=tuple(scores))


def _percent(share: Fraction) -> int:
    return int(share * 100 + Fraction(1, 2))
