import pytest

from services.engagement.replicas.topics.rules import Seen, seen, told_to_everyone


def test_what_is_made_of_several_rows_has_a_new_version_with_each_change_of_any_of_them() -> None:
    before = seen(Seen(3), Seen(1)).version
    assert seen(Seen(4), Seen(1)).version > before
    assert seen(Seen(3), Seen(2)).version > before


@pytest.mark.parametrize(("questions", "told"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10)])
def test_everyone_is_told_a_whole_five_of_questions(questions: int, told: int) -> None:
    assert told_to_everyone(questions) == told
