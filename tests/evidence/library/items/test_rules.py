import itertools
from datetime import UTC, datetime

import pytest

from services.evidence.library.items import rules
from services.evidence.library.items.retraction import Retraction
from services.evidence.library.items.tables import Item

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def said(nature: str, on: str) -> Retraction:
    return Retraction.model_validate({"nature": nature, "on": on, "source": "Its publisher"})


def noted(*notices: Retraction) -> str:
    """What is noted of a work that was doubted before, after these."""
    item = Item(way_of_knowing="research", title="Breaks", state="published", own={})
    for notice in (said("expression_of_concern", "2020-01-01"), *notices):
        rules.retract(item, notice, NOW)
    return Retraction.model_validate(item.retraction).nature


@pytest.mark.parametrize(
    ("retracted", "reinstated", "stands"),
    [
        ("2023-04-10", "2023-04-11", "reinstatement"),
        ("2023-04-11", "2023-04-11", "reinstatement"),
        ("2023-04-12", "2023-04-11", "retraction"),
    ],
)
def test_a_reinstatement_lifts_a_retraction_of_its_day_in_whatever_order_they_come(
    retracted: str, reinstated: str, stands: str
) -> None:
    notices = (said("retraction", retracted), said("reinstatement", reinstated))
    assert [noted(*order) for order in itertools.permutations(notices)] == [stands, stands]


@pytest.mark.parametrize("way", ["lived_experience", "practice_knowledge"])
def test_of_what_a_person_gave_neither_a_word_nor_a_place_is_kept_once_it_is_withdrawn(way: str) -> None:
    said = {"title": "My week", "summary": "Alone", "setting": "4 Mill Lane", "country": "GB-WLS", "own": {"role": "x"}}
    item = Item.model_validate({"way_of_knowing": way, "state": "published", **said})
    rules.withdraw(item, NOW)
    kept = {name: value for name in said if (value := getattr(item, name))}
    assert (item.state, kept) == ("withdrawn", {})
