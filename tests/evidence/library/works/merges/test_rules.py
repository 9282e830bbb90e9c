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
    unique_by=lambda identifier: identifier["value"],
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
def test_what_was_received_is_given_back_to_the_letter(survivor: dict[str, Any], merged: dict[str, Any]) -> None:
    combined, changes = rules.combine(survivor, merged, new_id())
    assert rules.undo_changes(combined, changes, []) == (survivor, [])
    stored = [rules.FieldChange.model_validate(change.as_json()) for change in changes]
    assert rules.undo_changes(combined, stored, []) == (survivor, [])


@given(descriptions, descriptions)
def test_nothing_that_either_knew_is_lost_but_for_what_only_one_place_holds(
    survivor: dict[str, Any], merged: dict[str, Any]
) -> None:
    combined, _ = rules.combine(survivor, merged, new_id())
    assert combined["title"] == survivor["title"]
    assert len(combined["summary"]) == max(len(survivor["summary"]), len(merged["summary"]))
    for name in ("topics", "identifiers"):
        assert all(value in combined[name] for value in (*survivor[name], *merged[name]))
    assert {word.lower() for word in combined["keywords"]} == {
        word.lower() for word in survivor["keywords"] + merged["keywords"]
    }
    for name in ("volume", "participants"):
        assert combined[name] == (merged[name] if survivor[name] is None else survivor[name])
    assert rules.combine(combined, merged, new_id())[1] == []


@given(descriptions, descriptions, descriptions)
def test_a_later_merge_stands_when_an_earlier_one_is_undone(
    survivor: dict[str, Any], first: dict[str, Any], second: dict[str, Any]
) -> None:
    after_first, first_changes = rules.combine(survivor, first, new_id())
    after_second, second_changes = rules.combine(after_first, second, new_id())
    restored, not_restored = rules.undo_changes(after_second, first_changes, second_changes)
    assert not_restored == []
    restored, more_changes = rules.combine(restored, second, new_id())
    assert rules.undo_changes(restored, [*second_changes, *more_changes], []) == (survivor, [])


@pytest.mark.parametrize(
    ("survivor", "merged", "combined"),
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
def test_a_longer_date_is_taken_where_it_agrees_with_the_shorter_one(survivor: str, merged: str, combined: str) -> None:
    description, changes = rules.combine({"published_on": survivor}, {"published_on": merged}, new_id())
    assert (description, len(changes)) == ({"published_on": combined}, int(combined != survivor))


def test_what_does_not_fit_any_more_is_named() -> None:
    survivor = {"topics": [f"t{n}" for n in range(19)]}
    combined, [change] = rules.combine(survivor, {"topics": ["x", "y"]}, new_id())
    assert (len(combined["topics"]), change.added, change.left_out) == (20, ["x"], ["y"])
