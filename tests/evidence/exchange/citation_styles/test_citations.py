"""Citations: right in every style, for every kind, and never a way in for markup."""

import re
from typing import Any

import pytest

from services.evidence.exchange.citation_styles.citations import format_citation
from services.evidence.exchange.citation_styles.rules import STYLES, UnknownStyle
from tests.evidence.exchange.writers.exported_items import NAMED, PRACTICE, UNNAMED, WORKS, exported_item


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", WORKS)
def test_every_kind_of_work_is_cited_in_every_style(kind: str, style: str) -> None:
    text = format_citation(WORKS[kind], style, "text")
    assert "Okoro" in text
    assert f"what a {kind} says" in text.lower()
    assert "2021" in text


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", WORKS)
@pytest.mark.parametrize("date", ["2021", "2021-05"])
def test_the_year_is_said_however_little_is_known_of_a_work(kind: str, style: str, date: str) -> None:
    bare = exported_item(title="What it says", details={"kind": kind, "authors": ["Okoro, Ada"], "published_on": date})
    assert "2021" in format_citation(bare, style, "text")


def test_the_oscola_style_cites_what_is_no_book_or_article_with_its_publisher_and_year() -> None:
    assert format_citation(NAMED, "oscola", "text") == (
        f"Mary, \u2018My First Week Away [Lived Experience]\u2019 (IMPACT 2026) <{NAMED.page_url}>"
    )
    assert "Journal of Invented Studies" in format_citation(WORKS["journal_article"], "oscola", "text")


def test_the_apa_style_says_what_apa_asks_for() -> None:
    assert format_citation(WORKS["journal_article"], "apa", "text") == (
        "Okoro, A. B., Lind, B., & World Health Organization. (2021). What a journal_article says: carers & breaks. "
        "Journal of Invented Studies, 12(3), 201\u2013219. https://doi.org/10.5555/journal_article"
    )


def test_a_reference_that_stands_alone_has_no_number() -> None:
    assert format_citation(WORKS["journal_article"], "vancouver", "text") == (
        "Okoro AB, Lind B, World Health Organization. What a journal_article says: carers & breaks. Marsh C, "
        "editor. Journal of Invented Studies. 2021 May 4;12(3):201\u201319. doi:10.5555/journal_article"
    )
    assert not re.match(r"\W*1", format_citation(WORKS["book"], "ieee", "text"))


@pytest.mark.parametrize("style", STYLES)
def test_an_account_is_cited_by_the_name_that_its_person_chose(style: str) -> None:
    text = format_citation(NAMED, style, "text")
    assert text.startswith("Mary")
    assert "2026" in text
    assert "[lived experience]" in text.lower()
    assert NAMED.page_url in text
    assert "/v1/" not in text


@pytest.mark.parametrize("style", STYLES)
def test_an_account_without_a_name_is_cited_as_anonymous(style: str) -> None:
    text = format_citation(UNNAMED, style, "text")
    assert text.startswith("Anonymous")
    assert "Secret" not in text


@pytest.mark.parametrize("style", STYLES)
def test_practice_knowledge_is_cited_by_the_role_it_comes_from(style: str) -> None:
    text = format_citation(PRACTICE, style, "text")
    assert text.startswith("Social worker (council team)")
    assert "2026" in text
    assert "[practice knowledge]" in text.lower()


@pytest.mark.parametrize("style", STYLES)
def test_a_title_stands_once_where_nobody_is_named(style: str) -> None:
    text = format_citation(
        exported_item(title="Nobody wrote this", details={"kind": "report", "published_on": "2020"}), style, "text"
    )
    assert text.lower().count("nobody wrote this") == 1
    assert "2020" in text


@pytest.mark.parametrize("style", STYLES)
def test_a_retraction_stands_behind_the_title(style: str) -> None:
    retraction = {"nature": "retraction", "source": "A list"}
    retracted = exported_item(details={"kind": "journal_article"}, retraction=retraction)
    assert "[retracted]" in format_citation(retracted, style, "text").lower()


@pytest.mark.parametrize("style", STYLES)
def test_html_has_the_markup_of_the_style_and_none_of_the_item(style: str) -> None:
    bad = exported_item(
        title='<script>alert(1)</script> & <img src=x onerror="y"> <span class="nocase">Q</span>',
        details={
            "kind": "journal_article",
            "authors": ["<b>Okoro</b>, <i>Ada</i>"],
            "published_in": "<u>J</u>",
            "url": "https://example.org/?a=1&b=<x>",
        },
    )
    text = format_citation(bad, style, "html")
    assert set(re.findall(r"<\s*/?\s*(\w+)", text)) <= {"i", "b", "sup", "sub", "span"}
    assert "<span class" not in text
    assert "<b>Okoro" not in text
    assert "&lt;" in text


def test_a_style_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnknownStyle, match="apa"):
        format_citation(NAMED, "nature-of-things", "text")


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("more", [{}, {"identifiers": [{"scheme": "doi", "value": "10.5555/abc"}]}, {"volume": "12"}])
def test_an_article_of_which_little_is_known_is_no_preprint(style: str, more: dict[str, Any]) -> None:
    details = {
        "kind": "journal_article",
        "authors": ["Okoro, Ada"],
        "published_in": "Studies of Breaks",
        "published_on": "2021-12",
    }
    text = format_citation(exported_item(title="What it says", details={**details, **more}), style, "text").lower()
    assert "studies of breaks" in text
    assert not [claim for claim in ("preprint", "ahead of print", "published online", "[]") if claim in text]


@pytest.mark.parametrize(
    ("name", "author"),
    [
        ("Mary Jones", "Jones, M."),
        ("Anna van der Berg", "van der Berg, A."),
        ("Mary", "Mary"),
        ("Jones, Mary", "Jones, M."),
    ],
)
def test_practice_knowledge_of_a_named_person_is_cited_as_authors_are(name: str, author: str) -> None:
    credit = {"attribution": "person", "name": name}
    item = exported_item(
        way_of_knowing="practice_knowledge",
        title="Booking a break",
        setting="council team",
        details={"role": "social worker", "what_was_done": "One number.", "credit": credit},
    )
    assert item.creator_kind == "person"
    assert format_citation(item, "apa", "text").startswith(f"{author.rstrip('.')}. (2026")


def test_an_organisation_is_cited_by_its_whole_name() -> None:
    credit = {"attribution": "organisation", "name": "Elusen Dychmygol"}
    details = {"role": "manager", "what_was_done": "One number.", "credit": credit}
    item = exported_item(way_of_knowing="practice_knowledge", setting="home care", details=details)
    assert format_citation(item, "apa", "text").startswith("Elusen Dychmygol. (2026")
