import pytest

from shared.disclosure import rounded_down


@pytest.mark.parametrize(("questions", "rounded"), [(0, 0), (4, 0), (5, 5), (9, 5), (10, 10)])
def test_the_public_reads_a_multiple_of_five_of_questions(questions: int, rounded: int) -> None:
    assert rounded_down(questions) == rounded
