"""The form of a change of many items: which they are, and what becomes of them."""

from typing import Any, Final

from starlette.datastructures import QueryParams

from gateway.web.api_client import Document
from gateway.web.forms import Form
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.vocabulary import COUNTRIES

SELECTION: Final = (
    "way_of_knowing", "topic", "country", "setting", "import", "imported", "retraction", "title", "status",
)  # fmt: skip
"""The filters of a selection, by their names in the API; in the form they begin with `only_`."""
LONGEST_SETTING: Final = 120
REMOVE: Final = "remove"
STATES: Final = {
    "": text("Leave it as it is"),
    "publish": text("Publish the drafts"),
    "withdraw": text("Withdraw them permanently"),
}


def chosen_of(query: QueryParams) -> dict[str, Any]:
    """Return the values of the form for what was chosen in a list: ticked items, or all that its filters let through.

    Without either, nothing is chosen.
    """
    if query.get("of") == "all":
        return {f"only_{name}": value for name in SELECTION if (value := query.get(name))}
    ids = query.getlist("id")
    return {"id": ids} if ids else {}


def ids_of(form: Form) -> list[str]:
    """Return the ids of the ticked items; none where all of a list are meant."""
    ids: Any = form.values.get("id") or []
    return [ids] if isinstance(ids, str) else list(ids)


def filters_of(form: Form) -> dict[str, Any]:
    """Return the filters of the list whose items are all meant, by the names of the API."""
    read_text = form.text
    values = {name: read_text(f"only_{name}") for name in SELECTION}
    filters: dict[str, Any] = {name: value for name, value in values.items() if value}
    if "imported" in filters:
        filters["imported"] = filters["imported"] == "true"
    return filters


def read(form: Form, page: WebPage) -> Document:
    """Return what to POST to /v1/bulk-changes; notes an error where nothing is chosen or nothing would change."""
    changes: Document = {}
    for name in ("add_topics", "remove_topics"):
        topics: Any = form.values.get(name) or []
        form.values[name] = [topics] if isinstance(topics, str) else topics
        if form.values[name]:
            changes[name] = form.values[name]
    country = form.choice("new_country", (REMOVE, *COUNTRIES))
    if country:
        changes["country"] = None if country == REMOVE else country
    too_long = page.text("This is too long. Use at most %(number)s characters.") % {"number": LONGEST_SETTING}
    read_text = form.text
    setting = read_text("new_setting", longest=LONGEST_SETTING, too_long=too_long)
    if form.choice("setting_removed", ("yes",)):
        if setting:
            form.errors["new_setting"] = page.text("Write a setting, or tick to remove it, but not both")
        changes["setting"] = None
    elif setting:
        changes["setting"] = setting
    state = form.choice("state", STATES)
    if state:
        changes["state"] = state
    if not changes and not form.errors:
        form.errors[""] = page.text("Choose what to change")
    ids, filters = ids_of(form), filters_of(form)
    return {"kind": "items", "selection": {"ids": ids} if ids else filters, "changes": changes}
