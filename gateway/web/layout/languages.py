"""The languages of the pages: translated texts (gettext), and dates as each language writes them."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Final

from babel.dates import format_date, get_timezone
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

NAMES: Final = {"en": "English", "cy": "Cymraeg"}
LOCALES: Final = {"en": "en_GB", "cy": "cy_GB"}
HTML_LANGUAGES: Final = {"en": "en-GB", "cy": "cy"}
FOLDER: Final = Path(__file__).parent / "locale"
_london = get_timezone("Europe/London")

Text = str | tuple[str, ...]


@cache
def _messages(language: str) -> tuple[Message, ...]:
    """Return the translated messages of a language, from every file of its folder (one for each journey)."""
    messages: list[Message] = []
    for path in sorted((FOLDER / language).glob("*.po")):
        with path.open("rb") as file:
            messages += [message for message in read_po(file, locale=language) if message.id and message.string]
    return tuple(messages)


@cache
def translations(language: str) -> dict[str, Text]:
    """Return the translated texts of a language by their English ones, plural forms as tuples.

    Texts that no speaker has checked yet are among them: see `draft_texts`.
    """
    return {_key(message.id): _string(message.string or "") for message in _messages(language)}


@cache
def draft_texts(language: str) -> frozenset[str]:
    """Return the English texts whose translation is marked fuzzy: no speaker of the language has checked it."""
    return frozenset(_key(message.id) for message in _messages(language) if message.fuzzy)


def is_known(text: str) -> bool:
    """Return whether this is a text of our pages, all of which are in the catalogue."""
    return text in translations("cy")


def text(text: str) -> str:
    """Return this text as it is: it stands in a table, from which pages translate it."""
    return text


def translate(language: str, text: str) -> str:
    """Return the text in this language, or as it is where it has not been translated."""
    translated = translations(language).get(text, text)
    return translated if isinstance(translated, str) else translated[0]


def translate_plural(language: str, singular: str, plural: str, number: int) -> str:
    """Return the form for this number (Welsh has six, by the rules of CLDR)."""
    forms = translations(language).get(singular)
    if not isinstance(forms, tuple):
        return singular if number == 1 else plural
    return forms[_welsh_form(number)] or forms[-1]


def _welsh_form(number: int) -> int:
    """Return the index of the plural form in Welsh: zero, one, two, few, many, other."""
    return {0: 0, 1: 1, 2: 2, 3: 3, 6: 4}.get(number, 5)


def _key(id: str | Sequence[str]) -> str:
    return id if isinstance(id, str) else id[0]


def _string(string: str | Sequence[str]) -> Text:
    return string if isinstance(string, str) else tuple(string)


def moment_text(language: str, value: str) -> str:
    """Return a day and time in London, such as `7 October 2026, 14:05`, of a moment as the API writes it."""
    moment = datetime.fromisoformat(value).astimezone(_london)
    return f"{date_text(language, moment)}, {moment:%H:%M}"


def date_text(language: str, value: str | date | datetime) -> str:
    """Return a day such as `7 October 2026`, of a date or of a moment (in London), as the API writes them too.

    Of a date of which only the year or the month is known, `2026` or `October 2026`.
    """
    pattern = "d MMMM y"
    if isinstance(value, str):
        pattern = {4: "y", 7: "MMMM y"}.get(len(value), pattern)
        value = f"{value}-01-01"[:10] if len(value) < len("2026-10-07") else value
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        value = value.astimezone(_london).date()
    return format_date(value, pattern, locale=LOCALES[language])


def number_text(language: str, number: float) -> str:
    """Return a number as this language writes it: `3,900`."""
    return format_decimal(number, locale=LOCALES[language])
