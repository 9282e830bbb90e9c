from hypothesis import given
from hypothesis import strategies as st

from services.evidence.search.rules import Hit, balanced, enough_words, seen

ways = st.sampled_from(["research", "lived_experience", "practice_knowledge"])


def scores_of(least: int) -> st.SearchStrategy[list[float]]:
    return st.lists(st.floats(0.1, 50), min_size=least, max_size=30).map(lambda given: sorted(given, reverse=True))


libraries = st.dictionaries(ways, scores_of(0)).map(
    lambda ways: {way: [Hit(f"{way}{n}", score) for n, score in enumerate(scores)] for way, scores in ways.items()}
)


def exposure(merged: list[Hit], way: str) -> float:
    return sum(seen(place) for place, hit in enumerate(merged) if hit.id.startswith(way))


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


def test_a_longer_question_needs_more_than_half_of_its_words() -> None:
    assert [enough_words(n) for n in (1, 2, 3, 4, 5, 10)] == [1, 2, 2, 2, 3, 6]
