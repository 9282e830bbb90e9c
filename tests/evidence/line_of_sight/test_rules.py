import pytest

from services.evidence.line_of_sight import rules
from shared.tables import new_id


@pytest.mark.parametrize("kind", ["survey", "topic", "evidence", "assembly", "project", "outcome"])
def test_a_thread_can_be_entered_anywhere(kind: str) -> None:
    item = new_id()
    assert str(rules.start(f" {kind}:{item} ")) == f"{kind}:{item}"


@pytest.mark.parametrize("text", ["", "evidence", "person:0198f3a0-7a34-7c1e-9d0b-3f1f5d0f6a11", f"topic:{'-' * 36}"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(rules.BadStart, match=r"from=evidence:\{id\}"):
        rules.start(text)


def test_numbers_of_one_to_four_people_are_too_small_to_tell() -> None:
    assert [number for number in range(8) if rules.small(number)] == [1, 2, 3, 4]
