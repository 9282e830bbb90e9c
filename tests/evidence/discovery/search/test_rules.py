import math
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.discovery.search.rules import (
    GUIDES,
    attention,
    balance,
    claim_threshold,
    discount,
    sufficient_subsets,
)
from tests.evidence.discovery.search.ranking_metrics import DISCOUNTS


class LibraryHit(NamedTuple):
    id: str
    score: float
    ways: tuple[str, ...] = ()


ways = st.sampled_from(["research", "lived_experience", "practice_knowledge"])


def scores_of(minimum: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(0.1, 50), min_size=minimum, max_size=30).map(lambda scores: sorted(scores, reverse=True))


libraries = st.dictionaries(ways, scores_of(0)).map(
    lambda ways: {
        way: [LibraryHit(f"{way}{n}", score) for n, score in enumerate(scores)] for way, scores in ways.items()
    }
)


def test_a_rank_is_discounted_by_its_logarithm() -> None:
    assert [discount(rank) for rank in range(len(DISCOUNTS))] == pytest.approx(DISCOUNTS)


def exposure(merged: list[LibraryHit], way: str) -> float:
    return sum(DISCOUNTS[place] for place, hit in enumerate(merged) if hit.id.startswith(way))


def test_many_studies_do_not_bury_one_account() -> None:
    studies = [LibraryHit(f"study{n}", 20 - n / 100) for n in range(500)]
    merged = balance({"research": studies, "lived_experience": [LibraryHit("account", 1.0)]}, 10)
    assert [hit.id for hit in merged[:2]] == ["study0", "account"]


@given(libraries, st.integers(1, 40))
def test_nothing_is_lost_doubled_or_out_of_order_within_a_way(hits_of: dict[str, list[LibraryHit]], size: int) -> None:
    merged = balance(hits_of, size)
    assert len(merged) == min(size, sum(map(len, hits_of.values())))
    for way, hits in hits_of.items():
        of_way = [hit for hit in merged if hit.id.startswith(way)]
        assert of_way == hits[: len(of_way)]


@given(st.lists(scores_of(10), min_size=2, max_size=3))
def test_where_all_have_enough_each_is_seen_nearly_as_much_as_the_others(score_lists: list[list[float]]) -> None:
    hits_of = {f"way{n}": [LibraryHit(f"way{n}", score) for score in scores] for n, scores in enumerate(score_lists)}
    exposures = [exposure(balance(hits_of, 10), way) for way in hits_of]
    assert min(exposures) / max(exposures) >= 0.8


@given(libraries, st.integers(1, 20))
def test_the_second_page_goes_on_where_the_first_ended(hits_of: dict[str, list[LibraryHit]], size: int) -> None:
    assert balance(hits_of, 2 * size)[:size] == balance(hits_of, size)


def test_the_better_hit_comes_first_between_equals() -> None:
    assert balance({"a": [LibraryHit("a", 1.0)], "b": [LibraryHit("b", 2.0)]}, 2) == [
        LibraryHit("b", 2.0),
        LibraryHit("a", 1.0),
    ]


def test_what_is_seen_of_a_guide_is_seen_of_the_ways_that_speak_in_it() -> None:
    guides = [LibraryHit("guide", 9.0, ("lived_experience", "practice_knowledge"))]
    claims = {
        GUIDES: guides,
        "lived_experience": [LibraryHit("account", 8.0)],
        "research": [LibraryHit("study1", 2.0), LibraryHit("study2", 1.0)],
    }
    assert [hit.id for hit in balance(claims, 4)] == ["guide", "study1", "account", "study2"]


def test_guides_do_not_crowd_out_the_ways_that_speak_in_them() -> None:
    guides = [LibraryHit(f"guide{n}", 9.0 - n / 10, ("research",)) for n in range(10)]
    merged = balance({GUIDES: guides, "lived_experience": [LibraryHit(f"account{n}", 1.0) for n in range(10)]}, 10)
    assert exposure(merged, "account") / exposure(merged, "guide") >= 0.8


def test_attention_of_a_page_adds_up_to_one_and_a_guide_shares_its_part() -> None:
    page = [("research",), ("research", "lived_experience"), ("practice_knowledge",)]
    # Places 1, 2, 3 are looked at by 1, 0.630930 and 0.5: the account has half of the second.
    assert attention(page, "lived_experience") == pytest.approx(0.315465 / 2.130930)
    ways = ("research", "lived_experience", "practice_knowledge")
    assert math.isclose(sum(attention(page, way) for way in ways), 1.0)
    assert attention([], "research") == 0.0


def test_a_way_of_knowing_that_only_touches_the_question_has_no_claim() -> None:
    assert claim_threshold(100.0, 1.0) == math.inf
    assert claim_threshold(100.0, 20.0) == claim_threshold(20.0, 20.0) < 20.0


def test_a_rare_word_may_be_enough_and_a_common_one_is_not() -> None:
    assert sufficient_subsets([5.0, 1.0], 0.6) == [(0,)]
    assert sufficient_subsets([1.0, 1.0], 0.6) == [(0, 1)]
    assert sufficient_subsets([1.0, 1.0, 1.0], 0.6) == [(0, 1), (0, 2), (1, 2)]
    assert sufficient_subsets([3.0], 0.6) == [(0,)]


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=12), st.floats(0.1, 1))
def test_every_subset_weighs_enough_and_none_holds_another(weights: list[float], share: float) -> None:
    subsets = sufficient_subsets(weights, share)
    heaviest = sorted(weights, reverse=True)[:8]
    assert all(sum(weights[index] for index in subset) >= share * sum(heaviest) - 1e-6 for subset in subsets)
    assert not any(set(smaller) < set(larger) for smaller in subsets for larger in subsets)
