import pytest

from services.evidence.publications.learning.words import LearningContent, LearningQuestion, minutes_to_read, words_in
from tests.evidence.publications.learning.teaching import asked


def piece(text: str) -> LearningContent:
    return LearningContent(title="One", point="two", text=text)


@pytest.mark.parametrize(
    ("text", "words"), [("", 2), ("three four", 4), ("carer's well-being, 50", 5), ("o\u2019clock \u2014 now", 4)]
)
def test_words_are_counted_as_a_reader_meets_them(text: str, words: int) -> None:
    assert words_in(piece(text)) == words


def test_questions_options_and_reasons_are_read_too() -> None:
    with_questions = piece("").model_copy(update={"questions": [LearningQuestion.model_validate(asked(0))]})
    assert words_in(with_questions) == 2 + 9 + 4 + 3 + 1 + 9


@pytest.mark.parametrize(("words", "minutes"), [(1, 1), (173, 1), (174, 2), (1_748, 10), (1_749, 11)])
def test_the_slowest_of_most_readers_sets_the_time(words: int, minutes: int) -> None:
    assert minutes_to_read(piece("word " * words)) == minutes
