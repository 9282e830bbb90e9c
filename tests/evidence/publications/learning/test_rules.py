from typing import Any

import pytest
from pydantic import ValidationError

from services.evidence.publications.learning import rules
from services.evidence.publications.learning.content import EXAMPLE, LearningContent
from shared.persistence.tables import new_id
from tests.evidence.publications.learning.learning_factories import question

VIDEO: dict[str, Any] = {"title": "A first visit", "url": "https://example.org/film", "seconds": 180}
WHOLE: dict[str, Any] = EXAMPLE | {"items": [{"id": str(new_id())}]}


def test_the_example_of_the_reference_could_be_published() -> None:
    assert rules.find_gaps(LearningContent.model_validate(EXAMPLE)) == []


@pytest.mark.parametrize(
    ("gap", "pointer", "detail"),
    [
        ({"text": ""}, "/text", "Say what there is to learn."),
        ({"questions": [question(0), question(1)]}, "/questions", "Ask exactly three questions: there are 2."),
        ({"items": []}, "/items", "Say which evidence or which guide this teaches."),
        ({"text": "word " * 800, "minutes": 4}, "/minutes", "or say 6 minutes."),
        ({"text": "word " * 2_000, "minutes": 10}, "/minutes", "10 is the maximum."),
        ({"text": "word " * 20, "minutes": 8}, "/minutes", "or say 1 minute."),
        ({"media": [VIDEO], "minutes": 1}, "/minutes", "or say 4 minutes."),
        ({"media": [VIDEO] * 4}, "/minutes", "720 seconds of media take 13 minutes, and 10 is the maximum."),
    ],
)
def test_what_is_missing_or_too_long_is_named_in_its_place(gap: dict[str, Any], pointer: str, detail: str) -> None:
    [error] = rules.find_gaps(LearningContent.model_validate(WHOLE | gap))
    assert error.pointer == pointer
    assert detail in error.detail


@pytest.mark.parametrize(
    "change",
    [
        {"minutes": 11},
        {"minutes": 0},
        {"media": [VIDEO | {"seconds": 0}]},
        {"media": [VIDEO | {"url": "file:///film"}]},
        {"questions": [question(0)] * 4},
        {"questions": [question(0) | {"right": 3}]},
        {"questions": [question(0) | {"options": ["Yes", "yes"]}]},
        {"questions": [question(0) | {"options": ["Yes"]}]},
        {"questions": [question(0) | {"why": ""}]},
        {"text": "<script>"},
    ],
)
def test_what_cannot_be_a_piece_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LearningContent.model_validate(WHOLE | change)
