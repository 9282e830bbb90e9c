import math
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.discovery.search.rules import GUIDES, attention, balanced, enough_of, least, seen
from tests.evidence.discovery.search.measuring import DISCOUNTS


class Hit(NamedTuple):
    id: str
    score: float
    ways: tuple[str, ...] = ()


ways = st.sampled_from(["research", "lived_experience", "practice_knowledge"])


def scores_of(least: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(0.1, 50), min_size=least, max_size=30).map(lambda given: sorted(given, reverse=True))


libraries = st.dictionaries(ways, scores_of(0)).map(
    lambda ways: {way: [Hit(f"{way}{n}", score) for n, score in enumerate(scores)] for way, scores in ways.items()}
)


def test_a_place_is_looked_at_by_the_logarithm_of_its_rank() -> None:
    assert [seen(place) for place in range(len(DISCOUNTS))] == pytest.approx(DISCOUNTS)


def exposure(merged: list[Hit], way: str) -> float:
    return sum(DISCOUNTS[place] for place, hit in enumerate(merged) if hit.id.startswith(way))


def test_many_studies_do_not_bury_one_account() -> None:
    studies = [Hit(f"study{n}", 20 - n / 100) for n in range(500)]
    merged = balanced({"research": studies, "lived_experience": [Hit("account", 1.0)]}, 10)
    assert [hit.id for hit in merged[:2]] == ["study0", "account"]


@given(libraries, st.integers(1, 40))
def test_nothing_is_lost_doubled_or_out_of_order_within_a_way(found: dict[str, list[Hit]], size: int) -> None:
    merged = balanced(found, size)
    assert len(merged) == min(size, sum(map(len, found.values())))
    for way, hits in found.items():
        of_way = [hit for hit in merged if hit.id.startswith(way)]
        assert of_way == hits[: len(of_way)]


@given(st.lists(scores_of(10), min_size=2, max_size=3))
def test_where_all_have_enough_each_is_seen_nearly_as_much_as_the_others(given: list[list[float]]) -> None:
    found = {f"way{n}": [Hit(f"way{n}", score) for score in scores] for n, scores in enumerate(given)}
    seen_of = [exposure(balanced(found, 10), way) for way in found]
    assert min(seen_of) / max(seen_of) >= 0.8


@given(libraries, st.integers(1, 20))
def test_the_second_page_goes_on_where_the_first_ended(found: dict[str, list[Hit]], size: int) -> None:
    assert balanced(found, 2 * size)[:size] == balanced(found, size)


def test_the_better_hit_comes_first_between_equals() -> None:
    assert balanced({"a": [Hit("a", 1.0)], "b": [Hit("b", 2.0)]}, 2) == [Hit("b", 2.0), Hit("a", 1.0)]


def test_what_is_seen_of_a_guide_is_seen_of_the_ways_that_speak_in_it() -> None:
    guides = [Hit("guide", 9.0, ("lived_experience", "practice_knowledge"))]
    claims = {
        GUIDES: guides,
        "lived_experience": [Hit("account", 8.0)],
        "research": [Hit("study1", 2.0), Hit("study2", 1.0)],
    }
    assert [hit.id for hit in balanced(claims, 4)] == ["guide", "study1", "account", "study2"]


def test_guides_do_not_crowd_out_the_ways_that_speak_in_them() -> None:
    guides = [Hit(f"guide{n}", 9.0 - n / 10, ("research",)) for n in range(10)]
    merged = balanced({GUIDES: guides, "lived_experience": [Hit(f"account{n}", 1.0) for n in range(10)]}, 10)
    assert exposure(merged, "account") / exposure(merged, "guide") >= 0.8


def test_attention_of_a_page_adds_up_to_one_and_a_guide_shares_its_part() -> None:
    page = [("research",), ("research", "lived_experience"), ("practice_knowledge",)]
    # Places 1, 2, 3 are looked at by 1, 0.630930 and 0.5: the account has half of the second.
    assert attention(page, "lived_experience") == pytest.approx(0.315465 / 2.130930)
    ways = ("research", "lived_experience", "practice_knowledge")
    assert math.isclose(sum(attention(page, way) for way in ways), 1.0)
    assert attention([], "research") == 0.0


def test_a_way_of_knowing_that_only_touches_the_question_has_no_claim() -> None:
    assert least(100.0, 1.0) == math.inf
    assert least(100.0, 20.0) == least(20.0, 20.0) < 20.0


def test_a_rare_word_may_be_enough_and_a_common_one_is_not() -> None:
    assert enough_of([5.0, 1.0], 0.6) == [(0,)]
    assert enough_of([1.0, 1.0], 0.6) == [(0, 1)]
    assert enough_of([1.0, 1.0, 1.0], 0.6) == [(0, 1), (0, 2), (1, 2)]
    assert enough_of([3.0], 0.6) == [(0,)]


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=12), st.floats(0.1, 1))
def test_every_choice_of_words_tells_enough_and_none_holds_another(tells: list[float], share: float) -> None:
    choices = enough_of(tells, share)
    most = sorted(tells, reverse=True)[:8]
    assert all(sum(tells[place] for place in some) >= share * sum(most) - 1e-6 for some in choices)
    assert not any(set(one) < set(other) for one in choices for other in choices)
