"""What a closed survey says, and what of it may be shown.

Each question is measured in tables: for each stakeholder group how many answered, and sums over them. Sums can be added
and subtracted, so what is shown must not let a small group's sums be found by subtraction.

- A group of fewer people than the threshold is not shown (primary suppression).
- Where the groups not shown are together fewer than the threshold, the smallest shown groups join them until they are
  enough (complementary suppression): the total less the shown groups is then never about too few.
- The groups not shown are shown together as one, so that their voices still count.
- Where all groups together are too few, nothing of the table is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from services.engagement.surveys.surveys.rules import Option, Question
from shared.disclosure import RoundedCount, is_disclosed, rounded_count
from shared.events.contracts.engagement import GroupScore, TopicPriority
from shared.problems import Problem

SMALLER_GROUPS = "smaller_groups"
"""The groups not shown, together, among the scores of groups."""
TOTAL = "total"
"""The sum of a score's table."""


class ResultsNotPublished(Problem):
    status = 409
    title = "There are no results yet"
    detail = "They are published when the survey closes. Try again then."


@dataclass(frozen=True, slots=True)
class Tally:
    """How many answered, and the sum over them of each option or score."""

    answered: int
    sums: Mapping[str, int] = field(default_factory=dict[str, int])


def add_up(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of the tallies."""
    answered, sums = 0, dict[str, int]()
    for tally in tallies:
        answered += tally.answered
        for name, value in tally.sums.items():
            sums[name] = sums.get(name, 0) + value
    return Tally(answered, sums)


@dataclass(frozen=True, slots=True)
class SuppressedTable:
    """What of one table may be shown: groups, the hidden groups together, and everyone."""

    groups: Mapping[str, Tally]
    hidden: tuple[str, ...]
    smaller_groups: Tally | None
    everyone: Tally | None


NOTHING_SHOWN = SuppressedTable({}, (), None, None)


def suppress(by_group: Mapping[str, Tally]) -> SuppressedTable:
    """Hide the groups whose sums would be about fewer people than may be shown, also by subtraction."""
    smallest_first = sorted((tally.answered, name) for name, tally in by_group.items() if tally.answered)
    hidden = [name for answered, name in smallest_first if not is_disclosed(answered)]
    for _, name in smallest_first[len(hidden) :]:
        if not hidden or is_disclosed(sum(by_group[n].answered for n in hidden)):
            break
        hidden.append(name)
    shown_groups = {name: by_group[name] for name in by_group if by_group[name].answered and name not in hidden}
    rest = add_up(by_group[name] for name in hidden)
    if hidden and not is_disclosed(rest.answered):
        return SuppressedTable({}, tuple(sorted(hidden)), None, None)
    smaller = rest if hidden else None
    everyone = add_up([*shown_groups.values(), rest]) if shown_groups or hidden else None
    return SuppressedTable(shown_groups, tuple(sorted(hidden)), smaller, everyone)


def borda_tally(options: Sequence[str], ballots: int, shares: int, gains: Mapping[str, int]) -> Tally:
    """Return twice each option's Borda points over all ballots, in whole numbers.

    Of n options the first gets n - 1 points and the last 0; what a ballot leaves out shares equally what is left of it.
    `shares` is twice that share, summed over the ballots; `gains` is, for each option, twice what the ballots that rank
    it give it beyond that share.
    """
    return Tally(ballots, {option: shares + gains.get(option, 0) for option in options})


class AnswerSummary(BaseModel):
    """What people of one or several groups answered."""

    answered: int
    mean: float | None = Field(default=None, description="Of a score, in its own scale.")
    points: dict[str, float] | None = Field(
        default=None,
        description="Of a rank, for each option: mean Borda points from 0 (last for all) to 100 (first for all).",
    )
    counts: dict[str, int] | None = Field(default=None, description="Of a choice, for each option.")


class GroupAnswerSummary(AnswerSummary):
    """What people of one group answered."""

    group: str


class MeasureResults(BaseModel):
    """One table of results. `smaller_groups` is about the `hidden_groups` together, each too small to be shown."""

    option: str | None = Field(default=None, description="Where each option of a score is a table of its own.")
    everyone: AnswerSummary | None
    by_group: list[GroupAnswerSummary]
    hidden_groups: list[str]
    smaller_groups: AnswerSummary | None


class QuestionResults(BaseModel):
    """The answers to one question. Free text is only counted: it may tell who wrote it."""

    id: str
    kind: str
    text: str
    options: list[Option]
    measures: list[MeasureResults]


class PublishedResults(BaseModel):
    """All that a survey's results show."""

    respondents: MeasureResults
    questions: list[QuestionResults]
    priorities: list[TopicPriority]


Table = Mapping[str, Tally]
"""By stakeholder group."""
Tables = Mapping[tuple[str, str | None], Table]
"""By question and, where each option is a table of its own, option."""


def publish(questions: Sequence[Question], respondents: Table, tables: Tables) -> PublishedResults:
    """Return what may be shown of everything that was counted."""
    suppressed = {measure: suppress(table) for measure, table in tables.items()}
    return PublishedResults(
        respondents=_measure(None, suppress(respondents), None),
        questions=[
            QuestionResults(
                id=question.id,
                kind=question.kind,
                text=question.text,
                options=list(question.options),
                measures=[
                    _measure(question, suppressed.get((question.id, option), NOTHING_SHOWN), option)
                    for option in measured_options(question)
                ],
            )
            for question in questions
        ],
        priorities=priorities(questions, suppressed),
    )


def without_groups(results: PublishedResults) -> PublishedResults:
    """Return the results of everyone together, without the groups."""
    everyone_only: dict[str, Any] = {"by_group": [], "hidden_groups": [], "smaller_groups": None}
    return results.model_copy(
        update={
            "respondents": results.respondents.model_copy(update=everyone_only),
            "priorities": [priority.model_copy(update={"by_group": ()}) for priority in results.priorities],
            "questions": [
                question.model_copy(
                    update={"measures": [m.model_copy(update=everyone_only) for m in question.measures]}
                )
                for question in results.questions
            ],
        }
    )


def measured_options(question: Question) -> list[str | None]:
    """Return the options that are tables of their own, else one None: the question as a whole."""
    return [option.id for option in question.options] if question.kind == "score" and question.options else [None]


def _measure(question: Question | None, table: SuppressedTable, option: str | None) -> MeasureResults:
    def summarise(tally: Tally | None) -> AnswerSummary | None:
        return _summary(question, tally) if tally else None

    return MeasureResults(
        option=option,
        everyone=summarise(table.everyone),
        by_group=[
            GroupAnswerSummary(group=group, **_summary(question, tally).model_dump())
            for group, tally in sorted(table.groups.items())
        ],
        hidden_groups=list(table.hidden),
        smaller_groups=summarise(table.smaller_groups),
    )


def _summary(question: Question | None, tally: Tally) -> AnswerSummary:
    match question.kind if question else None:
        case "score":
            return AnswerSummary(answered=tally.answered, mean=round(tally.sums[TOTAL] / tally.answered, 2))
        case "rank" if question:
            best = 2 * (len(question.options) - 1) * tally.answered
            points = {option.id: round(100 * tally.sums[option.id] / best, 1) for option in question.options}
            return AnswerSummary(answered=tally.answered, points=points)
        case "single_choice" if question:
            return AnswerSummary(
                answered=tally.answered, counts={option.id: tally.sums.get(option.id, 0) for option in question.options}
            )
        case _:
            return AnswerSummary(answered=tally.answered)


def shown_unnamed_voices(unnamed: int | None, respondents: int, fewest: int) -> RoundedCount | None:
    """Return how many answered by an invitation for nobody known, or None where they or the others are too few."""
    if unnamed is None or any(0 < people < fewest for people in (unnamed, respondents - unnamed)):
        return None
    return rounded_count(unnamed)


def priorities(
    questions: Sequence[Question], tables: Mapping[tuple[str, str | None], SuppressedTable]
) -> list[TopicPriority]:
    """Return how strongly each topic was put first, from 0 to 100, each stakeholder group weighing the same.

    A group's view of a topic is the mean of its scores and ranks of the options that stand for it. Only what is shown
    counts, the smaller groups together as one group: so the priority tells nothing that the tables do not.
    """
    views: dict[UUID, dict[str, list[tuple[Fraction, int]]]] = {}
    for question in questions:
        for option in question.options:
            if option.topic_id is None:
                continue
            table = tables.get((question.id, option.id if question.kind == "score" else None), NOTHING_SHOWN)
            groups = {**table.groups, **({SMALLER_GROUPS: table.smaller_groups} if table.smaller_groups else {})}
            for group, tally in groups.items():
                view = (_strength(question, option.id, tally), tally.answered)
                views.setdefault(option.topic_id, {}).setdefault(group, []).append(view)
    return [_priority(topic, by_group) for topic, by_group in views.items()]


def _strength(question: Question, option: str, tally: Tally) -> Fraction:
    """Return how strongly a group put the option first, from 0 to 1."""
    if question.kind == "score":
        span = question.highest - question.lowest
        return Fraction(tally.sums[TOTAL] - question.lowest * tally.answered, span * tally.answered)
    return Fraction(tally.sums[option], 2 * (len(question.options) - 1) * tally.answered)


def _priority(topic_id: UUID, by_group: Mapping[str, Sequence[tuple[Fraction, int]]]) -> TopicPriority:
    """Return the score of each group, and their mean: percentages, halves rounded up."""
    scores = tuple(
        GroupScore.model_validate(
            {
                "group": group,
                "score": _rounded(100 * sum((strength for strength, _ in views), Fraction()) / len(views)),
                "people": max(answered for _, answered in views),
            }
        )
        for group, views in sorted(by_group.items())
    )
    mean = Fraction(sum(group.score for group in scores), len(scores))
    return TopicPriority(topic_id=topic_id, score=_rounded(mean), by_group=scores)


def _rounded(number: Fraction) -> int:
    return int(number + Fraction(1, 2))
