import pytest

from services.evidence.line_of_sight import rules
from shared.persistence.tables import new_id


@pytest.mark.parametrize("kind", sorted(rules.KINDS))
def test_a_thread_can_be_entered_anywhere(kind: str) -> None:
    item = new_id()
    assert str(rules.start(f" {kind}:{item} ")) == f"{kind}:{item}"


@pytest.mark.parametrize("text", ["", "evidence", "person:0198f3a0-7a34-7c1e-9d0b-3f1f5d0f6a11", f"topic:{'-' * 36}"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(rules.BadStart, match=r"from=evidence:\{id\}"):
        rules.start(text)


def test_a_merged_item_stands_in_the_last_of_its_chain() -> None:
    one, two, three = new_id(), new_id(), new_id()
    merged = {one: two, two: three}
    assert rules.standing(merged, rules.Ref("evidence", one)) == rules.Ref("evidence", three)
    assert rules.standing(merged, rules.Ref("guide", one)) == rules.Ref("guide", one)
    assert rules.standing({one: two, two: one}, rules.Ref("evidence", one)).kind == "evidence"
