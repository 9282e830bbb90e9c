from datetime import UTC, datetime

import pytest

from services.evidence.library.items import rules
from services.evidence.library.items.tables import Item

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize("way", ["lived_experience", "practice_knowledge"])
def test_of_what_a_person_gave_neither_a_word_nor_a_place_is_kept_once_it_is_withdrawn(way: str) -> None:
    fields = {
        "title": "My week",
        "summary": "Alone",
        "setting": "4 Mill Lane",
        "country": "GB-WLS",
        "details": {"role": "x"},
    }
    item = Item.model_validate({"way_of_knowing": way, "status": "published", **fields})
    rules.withdraw(item, NOW)
    left = {name: value for name in fields if (value := getattr(item, name))}
    assert (item.status, left) == ("withdrawn", {})
