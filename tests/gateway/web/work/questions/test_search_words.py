import pytest

from gateway.web.work.questions.search_words import MAX_WORDS, search_words
from tests.gateway.web.work.questions.world import WORDS


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (WORDS, "breaks daughter"),
        ("which breaks help mrs sample's daughter?", "breaks daughter"),
        ("HOW DO I GET A CARE ASSESSMENT?", ""),
        ("My client at 12 Mill Lane, 07700 900123, refuses meals; meals are late.", "client refuses meals late"),
        ("Sut mae cael seibiant i ofalwyr?", "cael seibiant ofalwyr"),
        ("", ""),
    ],
)
def test_a_question_is_searched_by_its_telling_words_without_names_and_numbers(question: str, words: str) -> None:
    assert search_words(question) == words


def test_only_the_first_words_of_a_long_question_are_searched_for() -> None:
    words = search_words(" ".join(f"word{chr(97 + n)}x" for n in range(20)))
    assert len(words.split()) == MAX_WORDS
