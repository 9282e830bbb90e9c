from dataclasses import replace
from uuid import UUID

import pytest

from services.evidence.discovery.search import language
from services.evidence.discovery.search.index import Position, SearchIndex, Wanted
from services.evidence.discovery.search.language import radicals, terms
from services.evidence.discovery.search.layout import VOICE, Entry
from services.evidence.discovery.search.synonyms import Synonyms, of_the_sector, read


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
    ("one", "other"), [("llais", "gwlad"), ("pobl", "teulu"), ("ffordd", "bordd"), ("cwrs", "mwrs")]
)
def test_words_that_are_no_mutations_of_each_other_stay_apart(one: str, other: str) -> None:
    assert set(radicals(one)).isdisjoint(radicals(other))


def test_accents_and_capitals_do_not_matter() -> None:
    assert radicals("HŶN") == radicals("hyn")
    assert language.folded("Ôl-ofal") == "ol-ofal"


def test_an_english_word_is_not_taken_for_a_mutation_in_english_texts() -> None:
    assert terms("fear")[0] == "fear"
    assert "bear" not in terms("fear")
    assert "cy:bear" in terms("fear")


def test_words_that_hold_a_sentence_together_are_not_asked_for() -> None:
    assert terms("the") == ()
    assert language.says_little("yn")
    assert language.says_little("why")
    assert language.says_little("beth")
    assert language.says_little("sy\u2019n")
    assert language.says_nothing_in_welsh("o'r")
    assert not language.says_little("gofal")
    assert not language.says_little("gofalu'n")


@pytest.mark.parametrize("asked", ['"carers allowance"', '"Carer\u2019s allowance is"', "in:o\u2019brien", "shell"])
def test_an_apostrophe_parts_no_word_in_a_text_or_in_a_question(asked: str) -> None:
    index = SearchIndex()
    title, source = "A carer's allowance isn't theirs", "O'Brien\u2019s papers"
    entry = Entry(str(UUID(int=1)), VOICE["research"], title, source=source)
    index.apply([entry, replace(entry, id=str(UUID(int=2)), title="She'll sell", source="b, RIEN")], ())
    index.show(Position())
    found = index.ids(Wanted(asked), 10)
    index.close()
    assert found == ([] if asked == "shell" else [entry.id])


def test_the_possessive_is_no_other_word() -> None:
    assert {language.stem(word) for word in ("carer", "carers", "carer's", "carer\u2019s", "CARER'S")} == {"carer"}
    assert language.stem("she'll") not in (None, language.stem("she"), language.stem("shell"))


def test_a_very_long_word_is_no_word() -> None:
    assert terms("a" * 61) == ()
    assert language.tokens("gofal " + "a" * 5_000).tokens[-1].text != "a" * 5_000


def words_of(group: list[str]) -> list[tuple[str, ...]]:
    return [tuple(language.stem(word) or word.lower() for word in language.words(text)) for text in group]


def test_no_saying_holds_another_of_its_group() -> None:
    for group in of_the_sector().groups:
        english = words_of([saying.text for saying in group if not saying.welsh])
        for one in english:
            for other in english:
                inside = any(one[n : n + len(other)] == other for n in range(len(one)))
                assert one is other or not inside, (one, other)


@pytest.mark.parametrize(
    ("asked", "means"),
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
def test_the_sector_has_more_than_one_word_for_it(asked: str, means: str) -> None:
    concepts = of_the_sector().concepts(language.words(asked))
    assert means in [other.text for concept in concepts for other in concept.others]


def test_the_longest_saying_is_taken_and_what_is_in_none_stands_alone() -> None:
    synonyms = Synonyms(
        read(["# a note", "care home, residential care", "home care, domiciliary care  # and a note", ""])
    )
    concepts = synonyms.concepts(["falls", "in", "care", "homes"])
    assert [concept.words for concept in concepts] == [("falls",), ("in",), ("care", "homes")]
    assert [other.text for other in concepts[-1].others] == ["residential care"]
