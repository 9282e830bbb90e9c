import pytest

from services.evidence.publications.learning.content import (
    LearningContent,
    LearningMedium,
    LearningQuestion,
    count_words,
    minutes_to_read,
)
from tests.evidence.publications.learning.learning_factories import question


def piece(text: str) -> LearningContent:
    return LearningContent(title="One", point="two", text=text)


@pytest.mark.parametrize(
    ("text", "word_count"), [("", 2), ("three four", 4), ("carer's well-being, 50", 5), ("o\u2019clock \u2014 now", 4)]
)
def test_words_are_counted_as_a_reader_meets_them(text: str, word_count: int) -> None:
    assert count_words(piece(text)) == word_count


def test_questions_options_and_reasons_are_read_too() -> None:
    with_questions = piece("").model_copy(update={"questions": [LearningQuestion.model_validate(question(0))]})
    assert count_words(with_questions) == 2 + 9 + 4 + 3 + 1 + 9


@pytest.mark.parametrize(("word_count", "minutes"), [(1, 1), (173, 1), (174, 2), (1_748, 10), (1_749, 11)])
def test_the_slowest_of_most_readers_sets_the_time(word_count: int, minutes: int) -> None:
    assert minutes_to_read(piece("word " * word_count)) == minutes


def test_what_is_watched_counts_its_seconds_and_is_rounded_once() -> None:
    medium = LearningMedium(title="Film", url="https://example.org/film", seconds=30)
    half_a_minute = piece("word " * 85)
    assert minutes_to_read(half_a_minute.model_copy(update={"media": [medium]})) == 2
    assert minutes_to_read(piece("word " * 84).model_copy(update={"media": [medium]})) == 1
    assert minutes_to_read(half_a_minute.model_copy(update={"media": [medium] * 3})) == 3
