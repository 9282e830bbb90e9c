"""What a closed survey says, and what of it may be shown.

The rule is that of docs/disclosure.md; here it is applied to the tables of a survey. Only groups are counted: every
other figure (of everyone, and the priorities of topics) is calculated from what is shown of them, so it tells no more.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.results.summaries import (
    HIGHEST_POINTS,
    AnswerSummary,
    GroupAnswerSummary,
    MeasureResults,
    PublishedResults,
    QuestionResults,
)
from services.engagement.surveys.results.topic_priorities import topic_priorities
from services.engagement.surveys.surveys.rules import Question
from shared.disclosure import AtLeast, bounded_mean, table_step
from shared.problems import Problem

TOTAL = "total"  # the sum of a score's table
GROUPS = [group.value for group in StakeholderGroup]
SCORE_STEP = 0.1
POINTS_STEP = 5


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


def borda_tally(options: Sequence[str], ballots: int, shares: int, gains: Mapping[str, int]) -> Tally:
    """Return twice each option's Borda points over all ballots, in whole numbers.

    Of n options the first gets n - 1 points and the last 0; what a ballot leaves out shares equally what is left of it.
    `shares` is twice that share, summed over the ballots; `gains` is, for each option, twice what the ballots that rank
    it give it beyond that share.
    """
    return Tally(ballots, {option: shares + gains.get(option, 0) for option in options})


Table = Mapping[str, Tally]  # by stakeholder group
Tables = Mapping[tuple[str, str | None], Table]
"""By question and, where each option is a table of its own, option."""


def publish(questions: Sequence[Question], respondents: Table, tables: Tables) -> PublishedResults:
    """Return what may be shown of everything that was counted."""
    longest_list = max(
        len(GROUPS), *(len(question.options) for question in questions if question.kind == "single_choice"), 0
    )
    step = table_step(longest_list)
    shown_groups = [group for group in GROUPS if respondents.get(group, Tally(0)).answered >= step]

    def measure(question: Question | None, table: Table, option: str | None = None) -> MeasureResults:
        return _measure(question, table, option, shown_groups, step)

    results = [
        QuestionResults(
            id=question.id,
            kind=question.kind,
            text=question.text,
            options=list(question.options),
            measures=[
                measure(question, tables.get((question.id, option), {}), option)
                for option in measured_options(question)
            ],
        )
        for question in questions
    ]
    return PublishedResults(
        rounded_to=step,
        respondents=measure(None, respondents),
        questions=results,
        priorities=topic_priorities(questions, results),
    )


def unnamed_voices(published: PublishedResults, signed_in_groups: Set[str], unnamed: int) -> int:
    """Return how many of those shown answered by an invitation for nobody known, rounded down.

    More than are shown of the groups let in by invitation would be about what was rounded away of all groups together.
    """
    respondents, step = published.respondents, published.rounded_to
    rows: list[AnswerSummary] = [row for row in respondents.by_group if row.group not in signed_in_groups]
    if respondents.smaller_groups and signed_in_groups.isdisjoint(respondents.hidden_groups):
        rows.append(respondents.smaller_groups)
    return min(unnamed - unnamed % step, sum(row.answered.at_least for row in rows))


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


def _measure(
    question: Question | None, table: Table, option: str | None, shown_groups: Sequence[str], step: int
) -> MeasureResults:
    hidden_groups = [group for group in GROUPS if group not in shown_groups]
    by_group = [
        GroupAnswerSummary(group=group, **summary.model_dump())
        for group in sorted(shown_groups)
        if (summary := _summary(question, table.get(group, Tally(0)), step))
    ]
    rest = add_up(table.get(group, Tally(0)) for group in hidden_groups)
    # The points of a ranking add up to a number that is known, which could give the number of ballots away.
    smaller_groups = None if question and question.kind == "rank" else _summary(question, rest, step)
    return MeasureResults(
        option=option,
        everyone=_everyone([*by_group, *([smaller_groups] if smaller_groups else [])]),
        by_group=by_group,
        hidden_groups=sorted(hidden_groups),
        smaller_groups=smaller_groups,
    )


def _summary(question: Question | None, tally: Tally, step: int) -> AnswerSummary | None:
    at_least = tally.answered - tally.answered % step
    if at_least == 0:
        return None
    summary = AnswerSummary(answered=AtLeast(at_least=at_least))
    match question.kind if question else None:
        case "score" if question:
            summary.mean = bounded_mean(
                tally.sums[TOTAL] / tally.answered,
                lowest=question.lowest,
                highest=question.highest,
                unit=1,
                at_least=at_least,
                step=SCORE_STEP,
            )
        case "rank" if question:
            summary.points = _points(question, tally, at_least)
        case "single_choice" if question:
            counts = ((option.id, tally.sums.get(option.id, 0)) for option in question.options)
            summary.counts = {id: AtLeast(at_least=count - count % step) for id, count in counts}
        case _:
            pass
    return summary


def _points(question: Question, tally: Tally, at_least: int) -> dict[str, float] | None:
    places = len(question.options) - 1
    points = {
        option.id: bounded_mean(
            HIGHEST_POINTS * tally.sums[option.id] / (2 * places * tally.answered),
            lowest=0,
            highest=HIGHEST_POINTS,
            unit=HIGHEST_POINTS / places,
            at_least=at_least,
            step=POINTS_STEP,
        )
        for option in question.options
    }
    return {id: mean for id, mean in points.items() if mean is not None} or None


def _everyone(summaries: Sequence[AnswerSummary]) -> AnswerSummary | None:
    """Return what the summaries, and nothing else, say of all of them: sums, and means by the numbers shown."""
    if not summaries:
        return None

    def mean(values: Sequence[tuple[float | None, AnswerSummary]]) -> float | None:
        weighted = [(value, summary.answered.at_least) for value, summary in values if value is not None]
        number = sum(weight for _, weight in weighted)
        return round(sum(value * weight for value, weight in weighted) / number, 1) if number else None

    options = {option: None for summary in summaries for option in (summary.counts or summary.points or {})}
    points = {o: mean([((s.points or {}).get(o), s) for s in summaries]) for o in options}
    counts = {o: AtLeast(at_least=sum(s.counts[o].at_least for s in summaries if s.counts)) for o in options}
    return AnswerSummary(
        answered=AtLeast(at_least=sum(summary.answered.at_least for summary in summaries)),
        mean=mean([(summary.mean, summary) for summary in summaries]),
        points={o: value for o, value in points.items() if value is not None} or None,
        counts=counts if summaries[0].counts else None,
    )
