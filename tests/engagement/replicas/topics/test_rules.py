import pytest

from shared.disclosure import rounded_down


@pytest.mark.parametrize(("questions", "rounded"), [(0, 0), (9, 0), (10, 10), (19, 10), (20, 20)])
def test_the_public_reads_a_multiple_of_twice_the_threshold_of_questions(questions: int, rounded: int) -> None:
    assert rounded_down(questions) == rounded
