"""The rules on sets that others judged: every pair is right. A change that loses one must change this test."""

from collections.abc import Iterator

import pytest

from services.evidence.library.works.duplicates.blocking_keys import keys_of
from services.evidence.library.works.duplicates.rules import compare, possible_duplicates
from services.evidence.library.works.duplicates.works import Work
from shared.persistence.tables import new_id
from tests.evidence.library.works.duplicates.references import bib_dedupe, colrev

SETS = {"bib-dedupe": (bib_dedupe, 25, 10), "CoLRev": (colrev, 210, 2)}


@pytest.mark.parametrize("name", SETS)
def test_every_judged_pair_is_judged_alike_here(name: str) -> None:
    pairs, size, duplicates = SETS[name]
    judged = list(pairs())
    assert (len(judged), sum(expected for *_, expected in judged)) == (size, duplicates)
    wrong_cases = [case for case, a, b, expected in judged if (compare(a, b).judgement == "duplicate") != expected]
    assert wrong_cases == []


def everything() -> Iterator[tuple[str, Work, Work, bool]]:
    yield from bib_dedupe()
    yield from colrev()


def test_the_order_of_two_works_changes_nothing() -> None:
    for _, a, b, _ in everything():
        assert compare(a, b) == compare(b, a)


def test_works_that_are_one_share_a_key_so_that_they_are_compared_at_all() -> None:
    missed = [case for case, a, b, same in everything() if same and not set(keys_of(a)) & set(keys_of(b))]
    assert missed == []


def test_what_is_different_by_stored_titles_is_different_by_all_that_is_known() -> None:
    different = 0
    for case, a, b, _ in everything():
        item = new_id()
        if not possible_duplicates(a.compared_title, {item: b.compared_title}):
            assert compare(a, b).judgement == "different", case
            different += 1
    assert different > 150
