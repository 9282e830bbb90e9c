import itertools
from collections.abc import Iterable, Mapping
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.results import rules
from services.engagement.surveys.results.rules import TOTAL, SuppressedTable, Tally
from services.engagement.surveys.surveys.rules import Option, Question
from tests.support.settings import FEWEST_SHOWN

FEWEST = FEWEST_SHOWN
TOPIC = UUID(int=1)
OTHER = UUID(int=2)
GROUPS = [group.value for group in StakeholderGroup]


def score(n: int, mean: int) -> Tally:
    return Tally(n, {TOTAL: n * mean})


tables = st.dictionaries(st.sampled_from(GROUPS), st.builds(score, st.integers(0, 30), st.integers(1, 5)), max_size=8)


def disclosed(table: SuppressedTable) -> list[tuple[frozenset[str], int]]:
    """Return every number of people that is shown or can be subtracted, with the groups that it is about."""
    published = [(frozenset({name}), tally.answered) for name, tally in table.groups.items()]
    if table.smaller_groups:
        published.append((frozenset(table.hidden), table.smaller_groups.answered))
    if table.everyone:
        published.append((frozenset({*table.groups, *table.hidden}), table.everyone.answered))
    derived = list(published)
    for groups, count in published:
        subsets = [subset for subset in published if subset[0] < groups]
        for size in range(1, len(subsets) + 1):
            for removed in itertools.combinations(subsets, size):
                rest = groups.difference(*(names for names, _ in removed))
                derived.append((rest, count - sum(n for _, n in removed)))
    return [(groups, count) for groups, count in derived if groups]


@given(tables)
def test_nothing_that_is_shown_or_can_be_found_by_subtraction_is_about_too_few(table: dict[str, Tally]) -> None:
    for groups, count in disclosed(rules.suppress(table)):
        assert count >= FEWEST, groups


@given(tables)
def test_no_hidden_group_can_be_told_from_the_others_that_are_hidden(table: dict[str, Tally]) -> None:
    hidden = set(rules.suppress(table).hidden)
    for groups, _ in disclosed(rules.suppress(table)):
        assert groups.isdisjoint(hidden) or hidden <= groups


def added_up(tallies: Iterable[Tally]) -> tuple[int, int]:
    """Return how many answered, and the points that they gave."""
    counted = [(tally.answered, tally.sums.get(TOTAL, 0)) for tally in tallies]
    return sum(answered for answered, _ in counted), sum(points for _, points in counted)


@given(tables)
def test_every_voice_counts_once_wherever_anything_is_shown(table: dict[str, Tally]) -> None:
    suppressed = rules.suppress(table)
    answered, points = added_up(table.values())
    assert suppressed.everyone is None or added_up([suppressed.everyone]) == (answered, points)
    if answered >= FEWEST:
        assert suppressed.everyone is not None
        assert added_up([*suppressed.groups.values(), suppressed.smaller_groups or Tally(0)]) == (answered, points)


@given(tables)
def test_no_more_is_hidden_than_needed(table: dict[str, Tally]) -> None:
    suppressed = rules.suppress(table)
    enough = {name for name, tally in table.items() if tally.answered >= FEWEST}
    if all(tally.answered >= FEWEST or not tally.answered for tally in table.values()):
        assert set(suppressed.groups) == enough


def test_a_group_is_shown_from_the_threshold_on(fewest_shown: int) -> None:
    for answered, shown in ((fewest_shown - 1, {"carers"}), (fewest_shown, {"carers", "others", "researchers"})):
        table = {"carers": Tally(9 * fewest_shown), "researchers": Tally(answered), "others": Tally(fewest_shown)}
        assert set(rules.suppress(table).groups) == shown


def test_hidden_groups_are_shown_together_from_the_threshold_on(fewest_shown: int) -> None:
    for smallest, hidden in ((2, {"others", "researchers"}), (1, {"commissioners", "others", "researchers"})):
        table = {"carers": Tally(9 * fewest_shown), "commissioners": Tally(2 * fewest_shown)}
        suppressed = rules.suppress(table | {"researchers": Tally(fewest_shown - 2), "others": Tally(smallest)})
        assert set(suppressed.hidden) == hidden
        assert (suppressed.smaller_groups or Tally(0)).answered >= fewest_shown


def test_everyone_together_is_shown_from_the_threshold_on(fewest_shown: int) -> None:
    few = {"carers": Tally(fewest_shown - 2), "others": Tally(1)}
    assert rules.suppress(few) == SuppressedTable({}, ("carers", "others"), None, None)
    assert rules.suppress(few | {"carers": Tally(fewest_shown - 1)}).everyone == Tally(fewest_shown)


def test_a_topic_has_a_priority_once_enough_spoke_about_it(fewest_shown: int) -> None:
    for answered, expected in ((fewest_shown - 1, {}), (fewest_shown, {TOPIC: 100})):
        assert priorities(question("score", TOPIC), {"o0": {"others": score(answered, 5)}}) == expected


def test_one_small_group_takes_the_smallest_other_one_with_it() -> None:
    table = {"carers": Tally(40), "researchers": Tally(9), "others": Tally(2)}
    suppressed = rules.suppress(table)
    assert set(suppressed.groups) == {"carers"}
    assert suppressed.hidden == ("others", "researchers")
    assert suppressed.smaller_groups == Tally(11)
    assert suppressed.everyone == Tally(51)


def test_small_groups_that_are_just_enough_together_take_no_other_with_them() -> None:
    table = {"carers": Tally(40), "commissioners": Tally(9), "researchers": Tally(3), "others": Tally(2)}
    suppressed = rules.suppress(table)
    assert set(suppressed.groups) == {"carers", "commissioners"}
    assert (suppressed.hidden, suppressed.smaller_groups) == (("others", "researchers"), Tally(FEWEST))


def test_where_everyone_together_is_too_few_nothing_is_shown() -> None:
    assert rules.suppress({"carers": Tally(3), "others": Tally(1)}) == SuppressedTable(
        {}, ("carers", "others"), None, None
    )


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


def priorities(survey_question: Question, by_option: Mapping[str | None, Mapping[str, Tally]]) -> dict[UUID, int]:
    tables = {(survey_question.id, option): table for option, table in by_option.items()}
    published = rules.publish([survey_question], {}, tables)
    return {priority.topic_id: priority.score for priority in published.priorities}


def test_each_stakeholder_group_weighs_the_same_however_many_answered() -> None:
    survey_question = question("score", TOPIC)
    assert priorities(survey_question, {"o0": {"policy_makers": score(1000, 5), "researchers": score(10, 1)}}) == {
        TOPIC: 50
    }


def test_small_groups_weigh_together_as_one() -> None:
    survey_question = question("score", TOPIC)
    few = {"researchers": score(3, 1), "others": score(4, 1)}
    assert priorities(
        survey_question, {"o0": {"policy_makers": score(10, 5), "commissioners": score(10, 5), **few}}
    ) == {TOPIC: 67}


def test_first_in_every_rank_is_a_hundred_and_last_is_nothing() -> None:
    survey_question = question("rank", TOPIC, None, OTHER)
    ballots = rules.borda_tally(["o0", "o1", "o2"], 6, -6, {"o0": 6 * 5, "o1": 6 * 3, "o2": 6 * 1})
    assert priorities(survey_question, {None: {"policy_makers": ballots}}) == {TOPIC: 100, OTHER: 0}


def test_a_topic_about_which_too_few_spoke_has_no_priority() -> None:
    assert priorities(question("score", TOPIC), {"o0": {"policy_makers": score(4, 5)}}) == {}


@pytest.mark.parametrize(("total", "priority"), [(5, 0), (6, 5), (7, 10), (15, 50), (25, 100)])
def test_priorities_are_whole_numbers_rounded_half_up(total: int, priority: int) -> None:
    assert priorities(question("score", TOPIC), {"o0": {"policy_makers": Tally(5, {TOTAL: total})}}) == {
        TOPIC: priority
    }


def test_free_text_is_counted_and_never_shown() -> None:
    survey_question = Question(id="more", kind="free_text", text="What else?")
    published = rules.publish([survey_question], {}, {("more", None): {"policy_makers": Tally(9)}})
    [measure] = published.questions[0].measures
    assert measure.everyone == rules.AnswerSummary(answered=9)


def test_without_groups_only_everyone_is_left() -> None:
    survey_question = question("score", TOPIC)
    published = rules.publish(
        [survey_question],
        {"policy_makers": Tally(9), "others": Tally(9)},
        {("q", "o0"): {"policy_makers": score(9, 3)}},
    )
    alone = rules.without_groups(published)
    assert [len(priority.by_group) for results in (published, alone) for priority in results.priorities] == [1, 0]
    assert alone.respondents.by_group == [] == alone.questions[0].measures[0].by_group
    assert alone.questions[0].measures[0].everyone == published.questions[0].measures[0].everyone
