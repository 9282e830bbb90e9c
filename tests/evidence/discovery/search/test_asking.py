import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.discovery.search.asking import Part, read, years


def test_words_phrases_fields_and_what_must_not_be_there() -> None:
    question = read('breaks "replacement care" author:Okoro title:"night care" year:2019-2021 -hospital -"day centre"')
    assert question.words == ("breaks",)
    assert question.must == (
        Part("replacement care", None, phrase=True),
        Part("Okoro", "names", phrase=True),
        Part("night care", "title", phrase=True),
        Part("2019-2021", "year"),
    )
    assert question.without == (Part("hospital", None, without=True), Part("day centre", None, True, True))


@pytest.mark.parametrize(
    "text",
    ["doi:10.5555/ABC.1", "10.5555/abc.1", "https://doi.org/10.5555/ABC.1", "DOI:https://doi.org/10.5555/abc.1"],
)
def test_an_identifier_is_known_in_each_of_its_forms(text: str) -> None:
    assert read(text).must == (Part("10.5555/abc.1", "doi"),)


@pytest.mark.parametrize("text", ["way:research", "note: this", "year:soon", "doi:none", "10:30", "well-being"])
def test_what_is_no_field_is_read_as_words(text: str) -> None:
    question = read(text)
    assert question.words
    assert not question.must
    assert not question.without


@pytest.mark.parametrize("text", ['"', '""', "-", "title:", 'title:""', "-()", ":::", "* ?"])
def test_what_says_nothing_does_no_harm(text: str) -> None:
    assert not read(text).must


def test_quotes_of_a_word_processor_are_quotes() -> None:
    assert read("\u201creplacement care\u201d").must == (Part("replacement care", phrase=True),)


@given(st.text(max_size=300))
def test_anything_that_is_typed_can_be_read(text: str) -> None:
    question = read(text)
    assert len(question.must) + len(question.without) <= 60
    assert isinstance(question.says_something, bool)


def test_a_question_can_be_said_again_with_another_word() -> None:
    question = read('replacment care author:okoro -"day centre"')
    assert str(question.with_words({"replacment": "replacement"})) == 'replacement care author:okoro -"day centre"'


def test_a_phrase_that_says_nothing_asks_for_nothing() -> None:
    assert read('care "of the"') == read("care")
    assert not read('"of the"').says_something


def test_years_can_be_said_in_either_order() -> None:
    assert years("2021-2019") == years("2019-2021") == (2019, 2021)
