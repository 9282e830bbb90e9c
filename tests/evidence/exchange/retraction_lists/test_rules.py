import pytest

from services.evidence.exchange.retraction_lists import rules
from services.evidence.library.items.retraction import Retraction


def retraction(nature: str, on: str | None, reason: str = "") -> Retraction:
    return Retraction.model_validate(
        {"nature": nature, "on": on, "reasons": [reason] if reason else [], "source": "A list"}
    )


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
def test_what_stands_of_all_that_was_listed_whatever_the_order(
    notices: list[tuple[str, str | None]], expected: tuple[str, str]
) -> None:
    for order in (notices, notices[::-1]):
        stands = rules.standing([retraction(*notice) for notice in order])
        assert stands is not None
        assert (stands.nature, str(stands.on)) == expected
    assert rules.standing([]) is None


def test_the_same_notice_of_two_lists_is_one() -> None:
    notice = rules.Notice((), retraction("retraction", "2020-01-01"))
    other = rules.Notice((), notice.retraction.model_copy(update={"source": "Another list"}))
    assert notice.digest == other.digest
