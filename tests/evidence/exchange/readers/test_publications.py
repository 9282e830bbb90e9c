"""What kind of publication a record of PubMed is, and when a record of CSL-JSON was published, however it says so."""

import json
from typing import Any

import pytest

from tests.evidence.exchange.file_reader import work_of


@pytest.mark.parametrize(
    ("types", "kind", "design"),
    [
        (["Letter"], "journal_article", None),
        (["Case Reports"], "journal_article", None),
        (["Journal Article", "Randomized Controlled Trial"], "journal_article", "quantitative"),
        (["Journal Article", "Systematic Review", "Randomized Controlled Trial"], "journal_article", "review"),
        (["Dataset"], "journal_article", None),
        (["Preprint"], "report", None),
    ],
)
def test_what_stands_in_a_journal_is_a_journal_article(types: list[str], kind: str, design: str | None) -> None:
    lines = "".join(f"PT  - {type}\n" for type in types)
    elements = "".join(f"<PublicationType>{type}</PublicationType>" for type in types)
    for text in (
        f"PMID- 1\nTI  - Breaks\n{lines}JT  - Care Invented\n",
        "<PubmedArticle><MedlineCitation><PMID>1</PMID><Article><Journal><Title>Care Invented</Title></Journal>"
        f"<ArticleTitle>Breaks</ArticleTitle><PublicationTypeList>{elements}</PublicationTypeList></Article>"
        "</MedlineCitation></PubmedArticle>",
    ):
        work = work_of(text)
        assert (work["kind"], work.get("design"), work["published_in"]) == (kind, design, "Care Invented")


def test_a_book_of_pubmed_is_whole_or_a_chapter_of_it() -> None:
    whole = {"title": "The shore", "kind": "book", "authors": ["Lind, Bo"]}
    assert work_of("PMID- 1\nBTI - The shore\nFAU - Lind, Bo\n") | {"identifiers": None} == {
        **whole,
        "identifiers": None,
    }
    chapter = work_of("PMID- 1\nTI  - On tides\nBTI - The shore\nFAU - Okoro, Ada\nFED - Lind, Bo\n")
    assert (chapter["kind"], chapter["published_in"], chapter["editors"]) == ("chapter", "The shore", ["Lind, Bo"])
    editors = (
        "<AuthorList Type='editors'><Author><LastName>Lind</LastName><ForeName>Bo</ForeName></Author></AuthorList>"
    )
    authors = editors.replace("editors", "authors").replace("Lind", "Okoro").replace("Bo", "Ada")
    book = (
        "<PubmedBookArticle><BookDocument><Book><BookTitle>The shore</BookTitle>{0}</Book>{1}</BookDocument>"
        "</PubmedBookArticle>"
    )
    assert work_of(book.format(authors + editors, "")) == {
        "title": "The shore",
        "kind": "book",
        "authors": ["Okoro, Ada"],
        "editors": ["Lind, Bo"],
    }
    assert work_of(book.format(editors, "<ArticleTitle>On tides</ArticleTitle>" + authors)) == {
        "title": "On tides",
        "kind": "chapter",
        "authors": ["Okoro, Ada"],
        "editors": ["Lind, Bo"],
        "published_in": "The shore",
    }


def test_article_numbers_and_abbreviated_names_of_pubmed_are_read() -> None:
    text = "PMID- 1\nTI  - Breaks\nLID - 10.5555/a [doi]\nLID - e77 [pii]\nAU  - Okoro AB\nJT  - Care\n"
    assert (work_of(text)["pages"], work_of(text)["authors"]) == ("e77", ["Okoro, AB"])
    assert "pages" not in work_of(text.replace("e77", "S0306-4530(19)30501-2"))


DATES: list[tuple[Any, str | None]] = [
    ({"date-parts": [["2014", "5", 3]]}, "2014-05-03"),
    ({"date-parts": [2014, 5]}, "2014-05"),
    ({"date-parts": [["2014-05-03"]]}, "2014-05-03"),
    ({"date-parts": [[2014, 5], [2014, 7]]}, "2014-05"),
    ({"date-parts": [[2014]], "season": 2}, "2014"),
    ({"date-parts": [[2014, 21]]}, "2014"),
    ({"date-parts": [[2014]], "circa": True}, "2014"),
    ({"date-parts": [[None]], "literal": "about 2014"}, "2014"),
    ({"date-parts": [[]], "raw": "2014-05-03/2015-01-01"}, "2014-05-03"),
    ({"raw": "3 May 2014"}, "2014-05-03"),
    ({"literal": "Spring 2014"}, "2014"),
    ({"circa": 1, "edtf": "2014~"}, "2014"),
    ({"year": "2014", "month": 5}, "2014-05"),
    ("2014-05", "2014-05"),
    (2014, "2014"),
    ({"literal": "in press"}, None),
]


@pytest.mark.parametrize(("date", "published_on"), DATES)
def test_a_date_of_csl_is_read_in_each_of_its_forms(date: Any, published_on: str | None) -> None:
    assert (
        work_of(json.dumps([{"type": "book", "title": "Breaks", "issued": date}])).get("published_on") == published_on
    )


def test_a_note_of_csl_may_hold_identifiers() -> None:
    note = "PMID: 90000007\nPMCID: PMC9000007\nDOI: 10.5555/sea"
    work = work_of(json.dumps([{"type": "book", "title": "Breaks", "note": note}]))
    assert work["identifiers"] == ["pmid:90000007", "pmcid:PMC9000007", "doi:10.5555/sea"]


def test_mathematics_of_jats_is_read_once_in_its_signs() -> None:
    math = (
        "<alternatives><tex-math>\\documentclass{article}$\\geq$</tex-math><mml:math><mml:mo>≥</mml:mo></mml:math>"
        "</alternatives>"
    )
    title = f"<article-title>Aged <inline-formula>{math}</inline-formula>65</article-title>"
    article = f"<article><front><article-meta><title-group>{title}</title-group></article-meta></front></article>"
    assert work_of(article)["title"] == "Aged ≥65"


def test_endnote_holds_article_numbers_abstracts_in_pieces_and_keywords_in_one_field() -> None:
    fields = "<titles><title>Breaks</title></titles><custom7>e77</custom7><keywords><keyword>a; b</keyword></keywords>"
    work = work_of(f"<xml><records><record>{fields}</record></records></xml>")
    assert (work["pages"], work["keywords"]) == ("e77", ["a", "b"])
    work = work_of("%0 Journal Article\n%T Breaks\n%X To ask.\n%X Rest.\n%K a, b, c\n")
    assert (work["summary"], work["keywords"]) == ("To ask.\nRest.", ["a", "b", "c"])
