"""The form of a rendition, as it is shown and read."""

from typing import Any, Final

from gateway.web import vocabulary
from gateway.web.api_client import Document
from gateway.web.forms import Form
from gateway.web.layout.page import WebPage
from gateway.web.work.guides.choices import LANGUAGES
from gateway.web.work.guides.forms import read_text
from shared import clock

MAKERS: Final = (
    "this_centre",
    "user_led_organisation",
    "charity_or_community_group",
    "specialist_company",
    "council",
    "health_service",
    "other",
)
FIXED_LANGUAGES: Final = ("welsh", "bsl")
"""Kinds that are a language."""
MAX_TITLE: Final = 300
MAX_CONTENT: Final = 50_000
MAX_ADDRESS: Final = 2_000
FIELDS: Final = ("kind", "title", "language", "content", "url", "made_on", "made_by", "checked_with_readers")


def new_values() -> dict[str, Any]:
    """Return the values of the form of a new rendition."""
    return {"language": "en", "made_on": clock.today().isoformat(), "made_by": "this_centre"}


def values_of(rendition: Document) -> dict[str, Any]:
    """Return the values of the form of a rendition as it is."""
    values: dict[str, Any] = {name: rendition[name] or "" for name in FIELDS}
    return values | {"checked_with_readers": "yes" if rendition["checked_with_readers"] else ""}


def read_rendition(form: Form, page: WebPage) -> Document:
    """Return a rendition as the API takes it; notes what is wrong."""
    kind = form.choice("kind", tuple(vocabulary.RENDITIONS), missing=page.text("Choose the format"))
    title = read_text(
        form,
        "title",
        missing=page.text("Give it a title"),
        longest=MAX_TITLE,
        too_long=page.text("Shorten the title to 300 characters or fewer"),
    )
    content = read_text(
        form, "content", longest=MAX_CONTENT, too_long=page.text("Shorten the text to 50,000 characters or fewer")
    )
    url = read_text(
        form, "url", longest=MAX_ADDRESS, too_long=page.text("Shorten the address to 2,000 characters or fewer")
    )
    if url and not url.startswith(("https://", "http://")):
        form.errors["url"] = page.text("Give a full web address that begins with https://")
    language = form.choice("language", tuple(LANGUAGES)) or read_text(form, "language") or "en"
    made_on = form.day("made_on", missing=page.text("Say when it was made"))
    return {
        "kind": kind,
        "title": title,
        "language": None if kind in FIXED_LANGUAGES else language,
        "content": content or None,
        "url": url or None,
        "made_on": made_on,
        "made_by": form.choice("made_by", MAKERS, missing=page.text("Choose who made it")),
        "checked_with_readers": form.values.get("checked_with_readers") == "yes",
    }


def says_the_same(rendition: Document, body: Document) -> bool:
    """Return whether the rendition is as it was sent: its button was pressed twice."""
    return all(rendition[name] == value for name, value in body.items() if not (name == "language" and value is None))
