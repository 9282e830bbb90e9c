"""The rule of docs/disclosure.md applied to a survey's tables. What an attacker can tell of them: tests/attack."""

from collections.abc import Mapping
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engagement.surveys.results import rules
from services.engagement.surveys.results.rules import TOTAL, Tally
from services.engagement.surveys.results.summaries import AnswerSummary, MeasureResults, PublishedResults
from services.engagement.surveys.surveys.rules import Option, Question
from shared.disclosure import AtLeast

STEP = 15
"""Of a threshold of 5 and the eight groups."""
TOPIC = UUID(int=1)
OTHER = UUID(int=2)
CARERS, RESEARCHERS, COMMISSIONERS, OTHERS = "unpaid_carers", "researchers", "commissioners", "others"


def score(n: int, mean: float) -> Tally:
    return Tally(n, {TOTAL: round(n * mean)})


def publish(
    survey_question: Question, table: Mapping[str, Tally], respondents: Mapping[str, Tally] | None = None
) -> PublishedResults:
    """Publish a survey of one question with one table, which everybody answered unless given."""
    [option, *_] = rules.measured_options(survey_question)
    return rules.publish([survey_question], respondents or table, {(survey_question.id, option): table})


def of_groups(sizes: Mapping[str, int]) -> MeasureResults:
    return rules.publish([], {group: Tally(size) for group, size in sizes.items()}, {}).respondents


def shown(summary: AnswerSummary | None) -> int | None:
    return summary and summary.answered.at_least


def test_a_group_is_shown_from_one_step_on_and_rounded_down_to_whole_steps() -> None:
    for size, at_least in ((STEP - 1, None), (STEP, STEP), (2 * STEP - 1, STEP), (2 * STEP, 2 * STEP)):
        rows = {row.group: row for row in of_groups({CARERS: 100, RESEARCHERS: size}).by_group}
        assert shown(rows.get(RESEARCHERS)) == at_least
        assert shown(rows[CARERS]) == 90


def test_the_step_is_that_of_the_longest_list_of_the_survey() -> None:
    assert rules.publish([], {}, {}).rounded_to == STEP
    assert rules.publish([question("score", *[None] * 30)], {}, {}).rounded_to == STEP
    assert rules.publish([question("single_choice", *[None] * 30)], {}, {}).rounded_to == 35


def test_hidden_groups_are_named_whether_or_not_anybody_of_them_answered() -> None:
    some, none = of_groups({CARERS: 60, OTHERS: 3}), of_groups({CARERS: 60})
    assert some == none
    assert set(some.hidden_groups) == {*rules.GROUPS} - {CARERS}


def test_small_groups_are_shown_together_where_they_are_enough_and_count_for_everyone() -> None:
    few = of_groups({CARERS: 60, RESEARCHERS: 8, OTHERS: 6})
    assert (few.smaller_groups, shown(few.everyone)) == (None, 60)
    enough = of_groups({CARERS: 60, RESEARCHERS: 8, OTHERS: 7})
    assert (shown(enough.smaller_groups), shown(enough.everyone)) == (STEP, 60 + STEP)


def test_the_groups_are_the_same_in_every_table_however_many_answered_the_question() -> None:
    respondents = {CARERS: Tally(60), RESEARCHERS: Tally(14), OTHERS: Tally(14)}
    published = publish(
        question("free_text"), {CARERS: Tally(10), RESEARCHERS: Tally(14), OTHERS: Tally(14)}, respondents
    )
    [measure] = published.questions[0].measures
    assert measure.hidden_groups == published.respondents.hidden_groups
    assert CARERS not in measure.hidden_groups
    assert (measure.by_group, shown(measure.smaller_groups)) == ([], STEP)


def test_where_too_few_answered_nothing_is_shown() -> None:
    nothing = of_groups({CARERS: STEP - 1})
    assert (nothing.by_group, nothing.smaller_groups, nothing.everyone) == ([], None, None)


def test_everyone_is_no_more_than_what_is_shown_of_the_groups() -> None:
    table = {CARERS: score(40, 4.4), RESEARCHERS: score(20, 2.0), OTHERS: score(14, 1.0)}
    [measure] = publish(question("score"), table).questions[0].measures
    assert [(row.group, row.mean) for row in measure.by_group] == [(RESEARCHERS, 2.0), (CARERS, 4.4)]
    assert (shown(measure.everyone), measure.everyone and measure.everyone.mean) == (45, 3.6)


def test_counts_of_a_choice_are_whole_steps_and_never_more_than_is_certain() -> None:
    table = {CARERS: Tally(50, {"o0": 34, "o1": 16})}
    [measure] = publish(question("single_choice", None, None, None), table).questions[0].measures
    [row] = measure.by_group
    assert row.counts == {"o0": AtLeast(at_least=30), "o1": AtLeast(at_least=15), "o2": AtLeast(at_least=0)}


def test_a_mean_never_says_that_all_or_all_but_one_answered_the_same() -> None:
    def mean(exact: float) -> float | None:
        [measure] = publish(question("score"), {CARERS: score(40, exact)}).questions[0].measures
        return measure.by_group[0].mean

    assert mean(5) == mean(4.975) == mean(4.9) == 4.8, "30 people or more, of whom five may have answered 4"
    assert (mean(4.7), mean(3), mean(1)) == (4.7, 3.0, 1.2)


def test_a_ranking_never_says_that_all_or_all_but_one_put_the_same_first() -> None:
    [measure] = publish(question("rank", None, None, None), {CARERS: ballots(30)}).questions[0].measures
    assert measure.by_group[0].points == {"o0": 90, "o1": 50, "o2": 10}


def test_rankings_of_smaller_groups_are_not_shown() -> None:
    published = publish(question("rank", None, None, None), {RESEARCHERS: ballots(14), OTHERS: ballots(14)})
    assert shown(published.respondents.smaller_groups) == STEP
    assert published.questions[0].measures[0].smaller_groups is None


def ballots(n: int) -> Tally:
    """All put o0 first, o1 second and o2 last."""
    return rules.borda_tally(["o0", "o1", "o2"], n, -n, {"o0": 5 * n, "o1": 3 * n, "o2": n})


def borda(ballot: list[str], options: list[str]) -> dict[str, Fraction]:
    """Return the points of one ballot: n - 1 for the first; what is left is shared by the rest."""
    points = {option: Fraction(len(options) - 1 - rank) for rank, option in enumerate(ballot)}
    left = [option for option in options if option not in points]
    return points | {option: Fraction(sum(range(len(left))), len(left)) for option in left}


@given(st.lists(st.permutations("abcd").flatmap(lambda p: st.integers(1, 4).map(lambda n: p[:n])), min_size=1))
def test_borda_points_from_counts_are_those_of_each_ballot_added_up(ballots: list[list[str]]) -> None:
    options = list("abcd")
    n = len(options)
    shares = sum(n - len(ballot) - 1 for ballot in ballots)
    gains: dict[str, int] = {}
    for ballot in ballots:
        for rank, option in enumerate(ballot, 1):
            gains[option] = gains.get(option, 0) + 2 * (n - rank) - (n - len(ballot) - 1)
    tally = rules.borda_tally(options, len(ballots), shares, gains)
    expected = [borda(ballot, options) for ballot in ballots]
    assert {o: Fraction(tally.sums[o], 2) for o in options} == {o: sum(b[o] for b in expected) for o in options}
    assert sum(tally.sums.values()) == len(ballots) * n * (n - 1)


def question(kind: str, *topics: UUID | None, id: str = "q") -> Question:
    options = tuple(Option(id=f"o{n}", text="x", topic_id=topic) for n, topic in enumerate(topics))
    return Question.model_validate({"id": id, "kind": kind, "text": "x", "options": [o.model_dump() for o in options]})


def priorities(survey_question: Question, table: Mapping[str, Tally]) -> dict[UUID, int]:
    return {priority.topic_id: priority.score for priority in publish(survey_question, table).priorities}


def test_each_stakeholder_group_weighs_the_same_however_many_answered() -> None:
    table = {CARERS: score(1000, 4.5), RESEARCHERS: score(20, 1.5)}
    assert priorities(question("score", TOPIC), table) == {TOPIC: 50}


def test_small_groups_weigh_together_as_one() -> None:
    few = {OTHERS: score(8, 1.5), RESEARCHERS: score(8, 1.5)}
    table = {CARERS: score(100, 4.5), COMMISSIONERS: score(100, 4.5), **few}
    assert priorities(question("score", TOPIC), table) == {TOPIC: 63}


def test_a_priority_is_calculated_from_what_is_shown_alone() -> None:
    table = {CARERS: score(100, 4), OTHERS: score(14, 1)}
    assert priorities(question("score", TOPIC), table) == {TOPIC: 75}, "others are too few to be shown"
    assert priorities(question("score", TOPIC), {CARERS: score(1000, 4.04)}) == {TOPIC: 75}, "the mean shown is 4.0"


def test_first_in_every_rank_is_the_highest_that_is_shown_and_last_the_lowest() -> None:
    assert priorities(question("rank", TOPIC, None, OTHER), {CARERS: ballots(30)}) == {TOPIC: 90, OTHER: 10}


def test_a_topic_about_which_too_few_spoke_has_no_priority() -> None:
    assert priorities(question("score", TOPIC), {CARERS: score(STEP - 1, 5)}) == {}
    assert priorities(question("score", TOPIC), {CARERS: score(STEP, 3)}) == {TOPIC: 50}


@pytest.mark.parametrize(("mean", "priority"), [(2.0, 25), (2.2, 30), (2.5, 38), (3.7, 68)])
def test_priorities_are_whole_numbers_rounded_half_up(mean: float, priority: int) -> None:
    assert priorities(question("score", TOPIC), {CARERS: score(100, mean)}) == {TOPIC: priority}


def test_free_text_is_counted_and_never_shown() -> None:
    survey_question = Question(id="more", kind="free_text", text="What else?")
    [measure] = publish(survey_question, {CARERS: Tally(19)}).questions[0].measures
    assert measure.everyone == AnswerSummary(answered=AtLeast(at_least=STEP))


def test_without_groups_only_everyone_is_left() -> None:
    published = publish(question("score", TOPIC), {CARERS: score(30, 3), OTHERS: score(30, 3)})
    alone = rules.without_groups(published)
    assert alone.respondents.by_group == [] == alone.questions[0].measures[0].by_group
    assert alone.questions[0].measures[0].everyone == published.questions[0].measures[0].everyone
    assert published.questions[0].measures[0].everyone
