from collections import Counter
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from gateway.web.layout import languages
from gateway.web.layout.environment import WEB

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.i18n,jinja2.ext.do", "trim_blocks": "true"}}


def texts_of_pages() -> set[str]:
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "text": None}
    messages = extract_from_dir(str(WEB), METHODS, OPTIONS, keywords=keywords)
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in messages}


def test_every_text_of_every_page_has_a_welsh_one() -> None:
    texts = texts_of_pages()
    assert len(texts) > 60
    assert sorted(texts - set(languages.translations("cy"))) == []


def test_no_translation_stands_for_a_text_that_is_gone() -> None:
    assert sorted(set(languages.translations("cy")) - texts_of_pages()) == []


def test_no_text_has_two_translations() -> None:
    files = sorted((WEB / "layout/locale/cy").glob("*.po"))
    texts = [message.id for file in files for message in read_po(BytesIO(file.read_bytes()), locale="cy") if message.id]
    assert [text for text, count in Counter(map(str, texts)).items() if count > 1] == []


def test_what_nobody_has_checked_is_on_the_list_and_pages_say_so() -> None:
    assert languages.draft_texts("cy") <= set(languages.translations("cy"))
    assert languages.draft_texts("en") == frozenset()


@pytest.mark.parametrize(
    ("value", "english", "welsh"),
    [
        ("2026-10-07", "7 October 2026", "7 Hydref 2026"),
        (date(2026, 1, 31), "31 January 2026", "31 Ionawr 2026"),
        ("2026-06-30T23:30:00Z", "1 July 2026", "1 Gorffennaf 2026"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "31 December 2026", "31 Rhagfyr 2026"),
    ],
)
def test_a_day_is_written_as_the_language_writes_it_and_in_london(value: str | date, english: str, welsh: str) -> None:
    assert (languages.date_text("en", value), languages.date_text("cy", value)) == (english, welsh)


@pytest.mark.parametrize(("number", "form"), [(0, 0), (1, 1), (2, 2), (3, 3), (4, 5), (5, 5), (6, 4), (7, 5), (100, 5)])
def test_welsh_has_six_plural_forms(monkeypatch: pytest.MonkeyPatch, number: int, form: int) -> None:
    forms = tuple(f"form {index}" for index in range(6))

    def translations(_language: str) -> dict[str, tuple[str, ...]]:
        return {"%(num)d thing": forms}

    monkeypatch.setattr(languages, "translations", translations)
    assert languages.translate_plural("cy", "%(num)d thing", "%(num)d things", number) == f"form {form}"
    assert languages.translate("cy", "another") == "another"


def test_english_has_two() -> None:
    assert [languages.translate_plural("en", "item", "items", number) for number in (0, 1, 2)] == [
        "items",
        "item",
        "items",
    ]
