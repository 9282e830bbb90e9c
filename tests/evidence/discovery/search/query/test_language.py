from dataclasses import replace
from uuid import UUID

import pytest

from services.evidence.discovery.search.index.layout import WAY_BITS, IndexEntry
from services.evidence.discovery.search.index.search_index import IndexPosition, SearchIndex
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.query import language
from services.evidence.discovery.search.query.language import radicals, terms
from services.evidence.discovery.search.query.query_parser import parse
from services.evidence.discovery.search.query.thesaurus import Thesaurus, parse_groups, sector_thesaurus


@pytest.mark.parametrize(
    ("radical", "mutated"),
    [
        ("pobl", ["bobl", "mhobl", "phobl"]),
        ("teulu", ["deulu", "nheulu", "theulu"]),
        ("cartref", ["gartref", "nghartref", "chartref"]),
        ("bywyd", ["fywyd", "mywyd"]),
        ("dementia", ["ddementia", "nementia"]),
        ("gofal", ["ofal", "ngofal"]),
        ("gwasanaeth", ["wasanaeth", "ngwasanaeth"]),
        ("mam", ["fam"]),
        ("llais", ["lais"]),
        ("rhestr", ["restr"]),
        ("ysgol", ["hysgol"]),
        ("teulu", ["teulu'r", "theulu\u2019r", "nheulu'n"]),
    ],
)
def test_each_mutation_of_a_welsh_word_finds_the_word(radical: str, mutated: list[str]) -> None:
    for form in mutated:
        assert not set(radicals(form)).isdisjoint(radicals(radical)), form


@pytest.mark.parametrize(
    ("first", "second"), [("llais", "gwlad"), ("pobl", "teulu"), ("ffordd", "bordd"), ("cwrs", "mwrs")]
)
def test_words_that_are_no_mutations_of_each_other_stay_apart(first: str, second: str) -> None:
    assert set(radicals(first)).isdisjoint(radicals(second))


def test_accents_and_capitals_do_not_matter() -> None:
    assert radicals("HŶN") == radicals("hyn")
    assert language.fold("Ôl-ofal") == "ol-ofal"


def test_an_english_word_is_not_taken_for_a_mutation_in_english_texts() -> None:
    assert terms("fear")[0] == "fear"
    assert "bear" not in terms("fear")
    assert "cy:bear" in terms("fear")


def test_stop_words_and_function_words_are_recognised() -> None:
    assert terms("the") == ()
    assert language.is_function_word("yn")
    assert language.is_function_word("why")
    assert language.is_function_word("beth")
    assert language.is_function_word("sy\u2019n")
    assert language.is_welsh_stop_word("o'r")
    assert not language.is_function_word("gofal")
    assert not language.is_function_word("gofalu'n")


@pytest.mark.parametrize("q", ['"carers allowance"', '"Carer\u2019s allowance is"', "in:o\u2019brien", "shell"])
def test_an_apostrophe_parts_no_word_in_a_text_or_in_a_query(q: str) -> None:
    index = SearchIndex()
    title, source = "A carer's allowance isn't theirs", "O'Brien\u2019s papers"
    entry = IndexEntry(str(UUID(int=1)), WAY_BITS["research"], title, source=source)
    index.apply([entry, replace(entry, id=str(UUID(int=2)), title="She'll sell", source="b, RIEN")], ())
    index.commit(IndexPosition())
    ids = index.ids(SearchRequest(parse(q)), 10)
    index.close()
    assert ids == ([] if q == "shell" else [entry.id])


def test_the_possessive_is_no_other_word() -> None:
    assert {language.stem(word) for word in ("carer", "carers", "carer's", "carer\u2019s", "CARER'S")} == {"carer"}
    assert language.stem("she'll") not in (None, language.stem("she"), language.stem("shell"))


def test_a_very_long_word_is_no_word() -> None:
    assert terms("a" * 61) == ()
    assert language.welsh_tokens("gofal " + "a" * 5_000).tokens[-1].text != "a" * 5_000


def words_of(group: list[str]) -> list[tuple[str, ...]]:
    return [tuple(language.stem(word) or word.lower() for word in language.split_words(text)) for text in group]


def test_no_term_holds_another_of_its_group() -> None:
    for group in sector_thesaurus().groups:
        english = words_of([synonym.text for synonym in group if not synonym.is_welsh])
        for outer in english:
            for inner in english:
                holds = any(outer[n : n + len(inner)] == inner for n in range(len(outer)))
                assert outer is inner or not holds, (outer, inner)


@pytest.mark.parametrize(
    ("q", "means"),
    [
        ("carers", "caregiver"),
        ("respite", "replacement care"),
        ("direct payments", "personal budget"),
        ("residential care", "care home"),
        ("domiciliary care", "home care"),
        ("intellectual disability", "learning disability"),
        ("leaving hospital", "discharge to assess"),
        ("lives alone", "live by themselves"),
        ("y Gymraeg", "Welsh language"),
        ("RCT", "randomised trial"),
        ("OT", "occupational therapy"),
        ("carers", "gofalwr"),
        ("ofalwyr", "carer"),
        ("taliadau uniongyrchol", "direct payment"),
        ("gartref gofal", "care home"),
    ],
)
def test_the_thesaurus_has_the_synonyms_of_the_sector(q: str, means: str) -> None:
    concepts = sector_thesaurus().concepts(language.split_words(q))
    assert means in [synonym.text for concept in concepts for synonym in concept.synonyms]


def test_the_longest_term_wins_and_other_words_stand_alone() -> None:
    thesaurus = Thesaurus(
        parse_groups(["# a note", "care home, residential care", "home care, domiciliary care  # and a note", ""])
    )
    concepts = thesaurus.concepts(["falls", "in", "care", "homes"])
    assert [concept.words for concept in concepts] == [("falls",), ("in",), ("care", "homes")]
    assert [synonym.text for synonym in concepts[-1].synonyms] == ["residential care"]
