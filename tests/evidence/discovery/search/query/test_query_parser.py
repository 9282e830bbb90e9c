import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.discovery.search.query.query_parser import QueryClause, parse, parse_years


def test_a_query_has_words_phrases_fields_and_exclusions() -> None:
    query = parse('breaks "replacement care" author:Okoro title:"night care" year:2019-2021 -hospital -"day centre"')
    assert query.words == ("breaks",)
    assert query.required == (
        QueryClause("replacement care", None, is_phrase=True),
        QueryClause("Okoro", "names", is_phrase=True),
        QueryClause("night care", "title", is_phrase=True),
        QueryClause("2019-2021", "year"),
    )
    assert query.excluded == (
        QueryClause("hospital", None, is_excluded=True),
        QueryClause("day centre", None, is_phrase=True, is_excluded=True),
    )


@pytest.mark.parametrize(
    "text",
    ["doi:10.5555/ABC.1", "10.5555/abc.1", "https://doi.org/10.5555/ABC.1", "DOI:https://doi.org/10.5555/abc.1"],
)
def test_an_identifier_is_recognised_in_each_of_its_forms(text: str) -> None:
    assert parse(text).required == (QueryClause("10.5555/abc.1", "doi"),)


@pytest.mark.parametrize("text", ["way:research", "note: this", "year:soon", "doi:none", "10:30", "well-being"])
def test_what_is_no_field_is_parsed_as_words(text: str) -> None:
    query = parse(text)
    assert query.words
    assert not query.required
    assert not query.excluded


@pytest.mark.parametrize("text", ['"', '""', "-", "title:", 'title:""', "-()", ":::", "* ?"])
def test_a_clause_without_a_word_is_dropped(text: str) -> None:
    assert not parse(text).required


def test_curly_quotation_marks_are_quotation_marks() -> None:
    assert parse("\u201creplacement care\u201d").required == (QueryClause("replacement care", is_phrase=True),)


@given(st.text(max_size=300))
def test_anything_that_is_typed_can_be_parsed(text: str) -> None:
    query = parse(text)
    assert len(query.required) + len(query.excluded) <= 60
    assert isinstance(query.is_searchable, bool)


def test_a_query_can_be_written_out_with_another_word() -> None:
    query = parse('replacment care author:okoro -"day centre"')
    assert str(query.with_words({"replacment": "replacement"})) == 'replacement care author:okoro -"day centre"'


def test_a_phrase_of_stop_words_is_dropped() -> None:
    assert parse('care "of the"') == parse("care")
    assert not parse('"of the"').is_searchable


def test_years_can_be_in_either_order() -> None:
    assert parse_years("2021-2019") == parse_years("2019-2021") == (2019, 2021)
