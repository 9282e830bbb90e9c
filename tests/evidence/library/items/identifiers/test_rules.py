from uuid import UUID

import pytest

from services.evidence.library.items.identifiers.rules import KnownWorks, fingerprint, normalised, surname

FIRST, SECOND = UUID(int=1), UUID(int=2)


@pytest.mark.parametrize(
    ("scheme", "text", "expected"),
    [
        ("doi", "http://dx.doi.org/10.1177/2325967120950040", "10.1177/2325967120950040"),
        ("doi", "doi: 10.1007/S11307-012-0572-0.", "10.1007/s11307-012-0572-0"),
        ("doi", "https://doi.org/10.1016%2Fj.psyneuen.2019.104501", "10.1016/j.psyneuen.2019.104501"),
        ("doi", "(see 10.1000/abc)", "10.1000/abc"),
        ("doi", "10.1016/S0140-6736(99)01234-5", "10.1016/s0140-6736(99)01234-5"),
        ("doi", "Jun", None),
        ("pmid", "PMID: 021553931", "21553931"),
        ("issn", "03064530 (ISSN)", "0306-4530"),
        ("issn", "1895-5770 1895-5770", "1895-5770"),
        ("isbn", "978-3-030-58167-1", "9783030581671"),
        ("wos", "000345678901234", "WOS:000345678901234"),
    ],
)
def test_an_identifier_has_one_form(scheme: str, text: str, expected: str | None) -> None:
    assert normalised(scheme, text) == expected


@pytest.mark.parametrize("author", ["Marx, Karl", "Marx, K.", "Marx K.", "Marx K", "Karl Marx", "Marx"])
def test_a_surname_is_found_in_every_usual_form(author: str) -> None:
    assert surname(author) == "Marx"


def print_of(title: str, held_in: str | None = None) -> str:
    return fingerprint(title, "2019", ["Marx, Karl"], held_in, "3", "1-9")


def test_case_accents_and_punctuation_do_not_make_another_work() -> None:
    assert print_of("Carers' café: a  study") == print_of("CARERS CAFE - A Study.") != print_of("A study")


def test_a_title_that_says_little_needs_the_journal_too() -> None:
    assert print_of("Editorial", "One Journal") != print_of("Editorial", "Other Journal")
    assert print_of("Breaks that carers want", "One Journal") == print_of("Breaks that carers want", "J. One")


def test_an_identifier_decides_before_the_fingerprint() -> None:
    works = KnownWorks()
    works.add(FIRST, "same", [("doi", "10.1/a")])
    assert works.holder("other", [("doi", "10.1/a")]) == FIRST
    assert works.holder("same", []) == FIRST
    assert works.holder("same", [("pmid", "7")]) == FIRST
    assert works.holder("same", [("doi", "10.1/b")]) is None
    assert works.holder("same", [], besides=FIRST) is None


def test_of_two_works_with_the_same_title_each_is_known_by_its_own_doi() -> None:
    works = KnownWorks()
    works.add(FIRST, "same", [("doi", "10.1/a")])
    works.add(SECOND, "same", [("doi", "10.1/b")])
    assert works.holder("same", [("doi", "10.1/b")]) == SECOND
