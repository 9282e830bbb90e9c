import itertools
from datetime import UTC, datetime

import pytest

from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.tables import Item
from services.evidence.library.retraction_notices import rules

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def notice_of(nature: str, on: str | None) -> Retraction:
    return Retraction.model_validate({"nature": nature, "on": on, "source": "Its publisher"})


def nature_after(*notices: Retraction) -> str:
    """The recorded nature after these notices on a work that had an expression of concern before."""
    item = Item(way_of_knowing="research", title="Breaks", status="published", details={})
    for notice in (notice_of("expression_of_concern", "2020-01-01"), *notices):
        rules.retract(item, notice, NOW)
    return Retraction.model_validate(item.retraction).nature


@pytest.mark.parametrize(
    ("retracted", "reinstated", "expected"),
    [
        ("2023-04-10", "2023-04-11", "reinstatement"),
        ("2023-04-11", "2023-04-11", "reinstatement"),
        ("2023-04-12", "2023-04-11", "retraction"),
    ],
)
def test_a_reinstatement_lifts_a_retraction_of_its_day_in_whatever_order_they_come(
    retracted: str, reinstated: str, expected: str
) -> None:
    notices = (notice_of("retraction", retracted), notice_of("reinstatement", reinstated))
    assert [nature_after(*order) for order in itertools.permutations(notices)] == [expected, expected]


@pytest.mark.parametrize(
    ("notices", "expected"),
    [
        ([("retraction", "2020-01-01"), ("correction", "2021-01-01")], ("retraction", "2020-01-01")),
        ([("correction", "2019-01-01"), ("correction", "2021-01-01")], ("correction", "2021-01-01")),
        ([("reinstatement", "2021-01-01"), ("retraction", "2020-01-01")], ("reinstatement", "2021-01-01")),
        ([("reinstatement", "2021-01-01"), ("retraction", "2022-01-01")], ("retraction", "2022-01-01")),
        ([("retraction", None), ("reinstatement", "2021-01-01")], ("reinstatement", "2021-01-01")),
        ([("retraction", "2021-01-01"), ("reinstatement", "2021-01-01")], ("reinstatement", "2021-01-01")),
    ],
)
def test_which_notice_holds_of_all_that_was_listed_whatever_the_order(
    notices: list[tuple[str, str | None]], expected: tuple[str, str]
) -> None:
    for order in (notices, notices[::-1]):
        effective = rules.effective_notice([notice_of(*fields) for fields in order])
        assert effective is not None
        assert (effective.nature, str(effective.on)) == expected
    assert rules.effective_notice([]) is None


def test_the_same_notice_of_two_lists_is_one() -> None:
    first = rules.Notice((), notice_of("retraction", "2020-01-01"))
    second = rules.Notice((), first.retraction.model_copy(update={"source": "Another list"}))
    assert first.digest == second.digest
