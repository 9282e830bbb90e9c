from typing import Any

import pytest
from pydantic import ValidationError

from services.evidence.publications.learning import rules
from services.evidence.publications.learning.words import EXAMPLE, LearningContent
from shared.persistence.tables import new_id
from tests.evidence.publications.learning.teaching import asked

WHOLE: dict[str, Any] = EXAMPLE | {"items": [{"id": str(new_id())}]}


def test_the_example_of_the_reference_could_be_published() -> None:
    assert rules.unready(LearningContent.model_validate(EXAMPLE)) == []


@pytest.mark.parametrize(
    ("gap", "pointer", "said"),
    [
        ({"text": ""}, "/text", "Say what there is to learn."),
        ({"questions": [asked(0), asked(1)]}, "/questions", "Ask exactly three questions: there are 2."),
        ({"items": []}, "/items", "Say which evidence or which guide this teaches."),
        ({"text": "word " * 800, "minutes": 4}, "/minutes", "or say 6 minutes."),
        ({"text": "word " * 2_000, "minutes": 10}, "/minutes", "ten is the most."),
    ],
)
def test_what_is_missing_or_too_long_is_named_in_its_place(gap: dict[str, Any], pointer: str, said: str) -> None:
    [error] = rules.unready(LearningContent.model_validate(WHOLE | gap))
    assert error.pointer == pointer
    assert said in error.detail


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 11},
        {"minutes": 0},
        {"questions": [asked(0)] * 4},
        {"questions": [asked(0) | {"right": 3}]},
        {"questions": [asked(0) | {"options": ["Yes", "yes"]}]},
        {"questions": [asked(0) | {"options": ["Yes"]}]},
        {"questions": [asked(0) | {"why": ""}]},
        {"text": "<script>"},
    ],
)
def test_what_cannot_be_a_piece_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LearningContent.model_validate(WHOLE | wrong)
