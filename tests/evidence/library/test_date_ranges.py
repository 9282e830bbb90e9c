"""A range that ends before it begins is refused, wherever a pair of `from` and `to` is taken."""

import pytest

from services.evidence.library.date_ranges import ends_before
from tests.architecture.apps import SERVICES, api_of
from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR

RANGES = {
    "/v1/search": "q=breaks",
    "/v1/exports/evidence": "format=ris",
    "/v1/evidence-requests/queue": "",
    "/v1/statistics/ways-of-knowing": "",
}


@pytest.mark.parametrize(("path", "more"), RANGES.items())
async def test_from_after_to_is_refused_with_plain_words(world: EvidenceWorld, path: str, more: str) -> None:
    problem = await world.problem(EDITOR, "GET", f"{path}?{more}&from=2025-01-01&to=2020-01-01")
    assert problem["status"] == 422
    assert problem["errors"] == [
        {
            "pointer": "?from",
            "detail": "`from` is after `to`, so nothing can lie between them. Give the earlier date in `from`.",
        }
    ]
    await world.indexed()
    same_day = await world.call(EDITOR, "GET", f"{path}?{more}&from=2025-01-01&to=2025-01-01")
    assert same_day.status_code == 200


def test_there_is_no_other_pair_of_from_and_to() -> None:
    documents = [api_of(service).openapi() for service in SERVICES]
    operations = [
        (path, item["get"]) for document in documents for path, item in document["paths"].items() if "get" in item
    ]
    names = {path: {parameter["name"] for parameter in get.get("parameters", ())} for path, get in operations}
    assert {path for path, of_path in names.items() if {"from", "to"} <= of_path} == RANGES.keys()


@pytest.mark.parametrize(
    ("first", "last", "ends_too_early"),
    [
        ("2025", "2020", True),
        ("2020-02", "2020-01-31", True),
        ("2020-12", "2020", False),
        ("2020", "2020-01", False),
        ("2019-12-31", "2020", False),
    ],
)
def test_a_year_or_a_month_is_compared_as_far_as_both_say_something(
    first: str, last: str, ends_too_early: bool
) -> None:
    assert ends_before(first, last) is ends_too_early
