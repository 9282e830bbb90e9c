"""The goals of the library for its ranking: exposure at least 0.8 of what is due, at most 5 % of the gain lost."""

from collections.abc import Sequence
from statistics import mean

import pytest

from tests.evidence.discovery.search import ranking_metrics
from tests.evidence.discovery.search.ranking_metrics import QuestionMetrics, due_places, exposure_ratio, ndcg

MIN_EXPOSURE, MAX_LOSS = 0.8, 0.05
WAYS = {"r1": "research", "r2": "research", "r3": "research", "l1": "lived_experience", "p1": "practice_knowledge"}


def assert_fair(metrics: Sequence[QuestionMetrics]) -> None:
    assert mean(question.exposure for question in metrics) >= MIN_EXPOSURE
    assert ranking_metrics.loss(metrics) <= MAX_LOSS
    assert mean(question.exposure for question in metrics) > mean(question.plain_exposure for question in metrics) + 0.1


def test_balance_is_fair_and_costs_little_on_our_own_labelled_records() -> None:
    entries = ranking_metrics.entries()
    index, ways = ranking_metrics.build_index(entries), ranking_metrics.ways_of(entries)
    assert_fair([ranking_metrics.measure(index, question, ways) for question in ranking_metrics.own_questions()])


def test_balance_is_fair_and_costs_little_on_the_labelled_records_of_a_review() -> None:
    records, questions = ranking_metrics.reviewed()
    combined = [*ranking_metrics.entries(), *records]
    index, ways = ranking_metrics.build_index(combined), ranking_metrics.ways_of(combined)
    assert_fair([ranking_metrics.measure(index, question, ways) for question in questions])
    assert_fair([ranking_metrics.measure(index, question, ways) for question in ranking_metrics.own_questions()])


def test_every_label_is_of_a_record() -> None:
    names = {entry.id for entry in ranking_metrics.entries()}
    assert len(names) == len(ranking_metrics.entries())
    for question in ranking_metrics.own_questions():
        assert set(question.grades) <= names, question.text
        assert set(question.grades.values()) <= {1, 2, 3}


def test_the_gain_is_that_of_the_definition() -> None:
    # Grades 3, 0, 2 in places 1, 2, 3; the best order is 3, 2: (3 + 2/2) / (3 + 2/log2(3)).
    assert ndcg(["r1", "r2", "r3"], {"r1": 3, "r3": 2}) == pytest.approx(4 / (3 + 2 / 1.584963))
    assert ndcg(["r1", "r3"], {"r1": 3, "r3": 2}) == pytest.approx(1)
    assert ndcg(["r2"], {"r1": 3}) == 0


def test_the_exposure_ratio_is_that_of_the_way_that_is_served_worst() -> None:
    grades = {"r1": 1, "r2": 1, "l1": 1}
    # Of places 1, 2, 3 the account is due a third; it gets the exposure of the last place, 1/log2(4).
    whole = 1 + 1 / 1.584963 + 0.5
    assert exposure_ratio(["r1", "r2", "l1"], grades, WAYS) == pytest.approx(0.5 / whole * 3)
    assert exposure_ratio(["r1", "r2", "r3"], grades, WAYS) == 0
    assert exposure_ratio(["r3"], grades, WAYS) == 0
    assert exposure_ratio(["l1"], {"l1": 1}, WAYS) == 1


def test_no_way_is_due_more_places_than_it_has_records_for() -> None:
    assert due_places({"research": 20, "lived_experience": 3, "practice_knowledge": 1}, 10) == {
        "research": 6,
        "lived_experience": 3,
        "practice_knowledge": 1,
    }
    assert due_places({"research": 20, "lived_experience": 20, "practice_knowledge": 0}, 10) == {
        "research": 5,
        "lived_experience": 5,
    }
