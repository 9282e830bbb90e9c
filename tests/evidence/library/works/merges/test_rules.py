from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.library.works.merges import rules
from shared.persistence.tables import new_id

words = st.lists(st.sampled_from(["Breaks", "breaks", "care", "home", "pay"]), max_size=4)
names = st.lists(
    st.fixed_dictionaries(
        {"scheme": st.just("doi"), "value": st.sampled_from(["10.5555/a", "10.5555/b", "10.5555/c"])}
    ),
    max_size=3,
    unique_by=lambda one: one["value"],
)
descriptions = st.fixed_dictionaries(
    {
        "way_of_knowing": st.just("research"),
        "title": st.text(min_size=1, max_size=5),
        "summary": st.sampled_from(["", "short", "somewhat longer"]),
        "kind": st.sampled_from(["other", "book"]),
        "published_on": st.sampled_from([None, "2020", "2020-05", "2021-01-02"]),
        "volume": st.sampled_from([None, "1", "2"]),
        "participants": st.sampled_from([None, 0, 12]),
        "keywords": words,
        "topics": st.lists(st.sampled_from(["t1", "t2", "t3"]), max_size=3, unique=True),
        "identifiers": names,
    }
)


@given(descriptions, descriptions)
def test_what_was_received_is_given_back_to_the_letter(mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    whole, changes = rules.combine(mine, theirs, new_id())
    assert rules.give_back(whole, changes, []) == (mine, [])
    kept = [rules.FieldChange.model_validate(change.kept()) for change in changes]
    assert rules.give_back(whole, kept, []) == (mine, [])


@given(descriptions, descriptions)
def test_nothing_that_either_knew_is_lost_but_for_what_only_one_place_holds(
    mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    whole, _ = rules.combine(mine, theirs, new_id())
    assert whole["title"] == mine["title"]
    assert len(whole["summary"]) == max(len(mine["summary"]), len(theirs["summary"]))
    for name in ("topics", "identifiers"):
        assert all(value in whole[name] for value in (*mine[name], *theirs[name]))
    assert {word.lower() for word in whole["keywords"]} == {
        word.lower() for word in mine["keywords"] + theirs["keywords"]
    }
    for name in ("volume", "participants"):
        assert whole[name] == (theirs[name] if mine[name] is None else mine[name])
    assert rules.combine(whole, theirs, new_id())[1] == []


@given(descriptions, descriptions, descriptions)
def test_a_later_merge_stands_when_an_earlier_one_is_undone(
    mine: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    one, earlier = rules.combine(mine, first, new_id())
    two, later = rules.combine(one, second, new_id())
    rest, stayed = rules.give_back(two, earlier, later)
    assert stayed == []
    rest, more = rules.combine(rest, second, new_id())
    assert rules.give_back(rest, [*later, *more], []) == (mine, [])


@pytest.mark.parametrize(
    ("mine", "theirs", "whole"),
    [
        ("2021", "2021-05", "2021-05"),
        ("2021-05", "2021-05-17", "2021-05-17"),
        ("2021", "2021-05-17", "2021-05-17"),
        ("2021", "2022-05", "2021"),
        ("2021-05", "2021-06-17", "2021-05"),
        ("2021-05-17", "2021", "2021-05-17"),
        ("2021-05", "2022-05", "2021-05"),
    ],
)
def test_a_longer_date_is_taken_where_it_agrees_with_the_shorter_one(mine: str, theirs: str, whole: str) -> None:
    combined, changes = rules.combine({"published_on": mine}, {"published_on": theirs}, new_id())
    assert (combined, len(changes)) == ({"published_on": whole}, int(whole != mine))


def test_what_does_not_fit_any_more_is_named() -> None:
    mine = {"topics": [f"t{n}" for n in range(19)]}
    whole, [change] = rules.combine(mine, {"topics": ["x", "y"]}, new_id())
    assert (len(whole["topics"]), change.added, change.left_out) == (20, ["x"], ["y"])
