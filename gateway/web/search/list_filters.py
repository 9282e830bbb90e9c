"""The filters of lists: what can be chosen, and in plain words what is wrong with a choice that cannot be."""

from collections.abc import Awaitable, Iterable
from typing import Final

from starlette.datastructures import QueryParams

from gateway.web import vocabulary
from gateway.web.api_client import ApiRefusal, Document, PublicApi
from gateway.web.forms import Form
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from shared.problems import InvalidCursor

MAX_WORDS: Final = 500
"""Characters of a search, as the API takes them."""
UNKNOWN_TOPIC: Final = "topic-not-found"
ERRORS: Final = {
    "q": text("Search for fewer words: use 500 characters or fewer"),
    "topic": text("We do not recognise this topic. Choose one from the list"),
    "way_of_knowing": text(
        "We do not recognise this way of knowing. Choose research, lived experience or practice knowledge"
    ),
    "missing": text("We do not recognise this way of knowing. Choose research, lived experience or practice knowledge"),
    "is": text("Choose evidence or guides"),
    "kind": text("We do not recognise this kind of research"),
    "design": text("We do not recognise this kind of study"),
    "country": text("We do not recognise this country. Choose one from the list"),
    "setting": text("Write the setting in at most 120 characters"),
    "from": text("Write the first year with four digits, such as 2019"),
    "to": text("Write the last year with four digits, such as 2024"),
    "language": text("We do not recognise this language"),
    "cites": text("We do not recognise this evidence item"),
    "item": text("We do not recognise this evidence item"),
    "guide": text("We do not recognise this guide"),
    "max_minutes": text("Choose how many minutes you have from the list"),
    "ranking": text("We do not recognise this order of results"),
    "cursor": text("This part of the list is no longer available. Start from the beginning"),
}
"""By the name of the API's parameter."""
OTHER_ERROR: Final = text("We could not read part of this page's address. Choose again what you want to see")
YEARS_REVERSED: Final = text("The last year is before the first year. Change one of them")

Choices = list[tuple[str, str]]


def read_filters(query: QueryParams, names: Iterable[str]) -> Form:
    """Return the form of the filters that a list has fields for, as they were chosen."""
    return Form({name: query.get(name, "").strip() for name in names})


def note_bad_filters(page: WebPage, form: Form, refusal: ApiRefusal) -> None:
    """Note which filters the API refused: at their fields, or of the form as a whole where they have none.

    Raises the refusal where it is about something else.
    """
    names = [pointer[1:] for pointer, _ in refusal.field_errors() if pointer.startswith("?")]
    names += {InvalidCursor.slug(): ["cursor"], UNKNOWN_TOPIC: ["topic"]}.get(refusal.slug, [])
    if not names:
        raise refusal
    for name in names:
        note_bad_filter(page, form, name)


def note_bad_filter(page: WebPage, form: Form, name: str) -> None:
    """Note that this filter cannot be read."""
    field = name if name in form.values else ""
    form.errors.setdefault(field, page.text(ERRORS.get(name, OTHER_ERROR)))


def check_years(page: WebPage, form: Form) -> None:
    """Note where the last year is before the first, as far as both are precise."""
    first, last = form.values.get("from", ""), form.values.get("to", "")
    precision = min(len(first), len(last))
    if precision and last[:precision] < first[:precision]:
        form.errors["to"] = page.text(YEARS_REVERSED)


async def load_list(page: WebPage, form: Form, response: Awaitable[Document]) -> Document:
    """Return the list that the API answers, or nothing where it refuses filters: these are noted in the form."""
    try:
        return await response
    except ApiRefusal as error:
        note_bad_filters(page, form, error)
        return {}


async def find_places(api: PublicApi) -> Document:
    """Return the countries and settings that something names, or nothing where they do not come."""
    return await api.find_aside("/v1/statistics/places")


def place_choices(page: WebPage, form: Form, places: Document) -> tuple[Choices, Choices]:
    """Return the countries and the settings that can be chosen: those that something names, and what was chosen."""
    codes = {place["value"] for place in places.get("countries", ())}
    return _countries(page, form, codes), _settings(
        page, form, [place["value"] for place in places.get("settings", ())]
    )


def _countries(page: WebPage, form: Form, codes: set[str]) -> Choices:
    language = page.preferences.language
    if (chosen := form.values.get("country")) and "country" not in form.errors:
        codes = {*codes, chosen}
    others = [(code, page.text(vocabulary.country(code, language))) for code in codes - vocabulary.NATIONS.keys()]
    nations = [(code, page.text(name)) for code, name in vocabulary.NATIONS.items()]
    return [("", page.text("All countries")), *nations, *sorted(others, key=lambda choice: choice[1])]


def _settings(page: WebPage, form: Form, settings: list[str]) -> Choices:
    names = {setting: page.text(vocabulary.setting(setting)) for setting in settings}
    chosen = str(form.values.get("setting") or "")
    if chosen and "setting" not in form.errors:
        shown = page.text(vocabulary.setting(chosen)).casefold()
        form.values["setting"] = next((code for code, name in names.items() if name.casefold() == shown), chosen)
        names.setdefault(form.values["setting"], chosen)
    return [("", page.text("All settings")), *sorted(names.items(), key=lambda choice: choice[1].casefold())]
