"""The form of a harvest, as it is read."""

from typing import Any, Final

from gateway.web.api_client import Document
from gateway.web.forms import Form
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.work.imports.choices import PUBLISH

METADATA: Final = {
    "oai_dc": text("Dublin Core"),
    "oai_datacite": text("DataCite"),
}
METADATA_MEANINGS: Final = {
    "oai_dc": text("Every repository offers this, but it has the least detail."),
    "oai_datacite": text("More detail: identifiers, kinds and languages. Not every repository offers this."),
}
OUTCOMES: Final = {
    "created": text("New item"),
    "matched": text("Already in the library"),
    "changed": text("Changed an item"),
}
STATUSES: Final = {
    "running": text("In progress"),
    "done": text("Finished"),
    "failed": text("Stopped after errors"),
}
COUNTS: Final = {**OUTCOMES, "deleted": text("Deleted in the repository"), "quarantined": text("Could not be stored")}
"""Of a run: they add up to what was received."""
BASE_URL, SET_SPEC, EVERY_HOURS = "base_url", "set_spec", "every_hours"
MAX_HOURS: Final = 24 * 366


def read_settings(page: WebPage, form: Form) -> Document:
    """Return the settings that may be changed; notes what is wrong."""
    topics: Any = form.values.get("topics") or []
    form.values["topics"] = [topics] if isinstance(topics, str) else list(topics)
    publish = form.choice("publish", PUBLISH, missing=page.text("Choose what happens to new items"))
    hours = form.text(EVERY_HOURS).replace(",", "")
    if hours and not (hours.isascii() and hours.isdecimal() and len(hours) <= 4 and 1 <= int(hours) <= MAX_HOURS):
        form.errors["every_hours"] = page.text("Write a number of hours from 1 to 8,784, or leave this empty")
        hours = ""
    return {
        "topics": form.values["topics"],
        "publish": publish == "yes",
        "every_hours": int(hours) if hours else None,
    }


def read_new(page: WebPage, form: Form) -> Document:
    """Return the body of a new harvest; notes what is wrong."""
    address = form.text(
        BASE_URL,
        missing=page.text("Write the address of the repository"),
        longest=2_000,
        too_long=page.text("Write the address in 2,000 characters or fewer"),
    )
    prefix = form.choice("metadata_prefix", METADATA, missing=page.text("Choose how the records are described"))
    name = form.text(SET_SPEC, longest=500, too_long=page.text("Write the set in 500 characters or fewer"))
    return {"base_url": address, "metadata_prefix": prefix, "set_spec": name or None, **read_settings(page, form)}


def values_of(harvest: Document) -> dict[str, Any]:
    """Return the settings of a harvest as its form shows them."""
    return {
        "topics": harvest["topics"],
        "publish": "yes" if harvest["publish"] else "no",
        "every_hours": str(harvest["every_hours"] or ""),
    }
