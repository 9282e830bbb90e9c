import pytest

from services.evidence.line_of_sight import rules
from shared.persistence.tables import new_id


@pytest.mark.parametrize("kind", sorted(rules.NODE_KINDS))
def test_a_thread_can_be_entered_anywhere(kind: str) -> None:
    item = new_id()
    assert str(rules.parse_ref(f" {kind}:{item} ")) == f"{kind}:{item}"


@pytest.mark.parametrize("text", ["", "evidence", "person:0198f3a0-7a34-7c1e-9d0b-3f1f5d0f6a11", f"topic:{'-' * 36}"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(rules.InvalidStart, match=r"from=evidence:\{id\}"):
        rules.parse_ref(text)


def test_a_merged_item_stands_in_the_last_of_its_chain() -> None:
    first, second, third = new_id(), new_id(), new_id()
    merged = {first: second, second: third}
    assert rules.resolve_merges(merged, rules.NodeRef("evidence", first)) == rules.NodeRef("evidence", third)
    assert rules.resolve_merges(merged, rules.NodeRef("guide", first)) == rules.NodeRef("guide", first)
    assert rules.resolve_merges({first: second, second: first}, rules.NodeRef("evidence", first)).kind == "evidence"
