"""The fields of an item as editors compare them: what each is called, and its value as a text."""

from collections.abc import Collection, Mapping
from typing import Any, Final, cast

from gateway.web import vocabulary
from gateway.web.api_client import Document, PublicApi
from gateway.web.layout.languages import date_text, text
from gateway.web.layout.page import WebPage

MAX_TOPICS: Final = 200
FIELDS: Final = {
    "title": text("Title"),
    "authors": text("Authors"),
    "editors": text("Editors"),
    "published_on": text("Published on"),
    "published_in": text("Published in"),
    "volume": text("Volume"),
    "issue": text("Issue"),
    "pages": text("Pages"),
    "publisher": text("Publisher"),
    "identifiers": text("Identifiers"),
    "url": text("Web address"),
    "kind": text("Kind"),
    "design": text("Kind of study"),
    "summary": text("Summary"),
    "keywords": text("Keywords"),
    "topics": text("Topics"),
    "country": text("Country"),
    "setting": text("Setting"),
    "service": text("Support it is about"),
    "population": text("Who it is about"),
    "sample": text("Who took part"),
    "participants": text("How many took part"),
    "intervention": text("What was studied"),
    "period": text("Years it is about"),
    "involvement": text("How people with lived experience shaped it"),
    "language": text("Language"),
    "retraction": text("Retraction"),
}
"""Of research, in the order in which a reader compares them."""
LANGUAGES: Final = {"en": text("English"), "cy": text("Welsh")}
_CODES: Final[Mapping[str, Mapping[str, str]]] = {"kind": vocabulary.KINDS, "design": vocabulary.DESIGNS}


def field_text(page: WebPage, name: str, value: object, topics: Mapping[str, str] | None = None) -> str:
    """Return the value of a field as a text in the language of the page, empty where there is none."""
    if isinstance(value, list):
        values = cast("list[Any]", value)
        return "; ".join(field_text(page, name, element, topics) for element in values)
    if isinstance(value, dict):
        return _object_text(page, cast("dict[str, Any]", value))
    return _single_text(page, name, "" if value is None else str(value), topics or {})


def _single_text(page: WebPage, name: str, text: str, topics: Mapping[str, str]) -> str:
    if not text:
        return ""
    if name == "topics":
        return topics.get(text, text)
    if name == "published_on":
        return date_text(page.preferences.language, text)
    if name == "country":
        return page.text(vocabulary.country(text))
    if name == "language":
        return page.text(LANGUAGES.get(text, text))
    return page.text(vocabulary.name(_CODES[name], text)) if name in _CODES else text


def _object_text(page: WebPage, value: Mapping[str, Any]) -> str:
    match value:
        case {"scheme": scheme, "value": identifier}:
            return f"{str(scheme).upper()} {identifier}"
        case {"nature": nature}:
            return page.text(vocabulary.name(vocabulary.RETRACTIONS, str(nature)))
        case _:
            ends = (str(value.get(name) or "") for name in ("from", "to"))
            return "\N{EN DASH}".join(date_text(page.preferences.language, end) if end else "" for end in ends)


async def topic_names(api: PublicApi, ids: Collection[str] | None = None) -> dict[str, str]:
    """Return the names of topics by id; nothing where none of these ids is asked for."""
    if ids is not None and not ids:
        return {}
    topics: Document = await api.find_aside("/v1/topics", limit=MAX_TOPICS)
    return {str(topic["id"]): str(topic["name"]) for topic in topics.get("items", ())}
