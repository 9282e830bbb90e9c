"""What an edition keeps of an item, and in which fields two editions differ."""

from typing import Any

from services.evidence.library.items.descriptions import ATTRIBUTION_FIELDS
from services.evidence.library.items.tables import Item


def wording(item: Item) -> dict[str, Any]:
    """Return what an edition keeps: the description without its topics, consent and credit."""
    common: dict[str, Any] = {
        name: getattr(item, name) for name in ("title", "summary", "country", "setting", "language")
    }
    return {
        **common,
        "details": {name: value for name, value in item.details.items() if name not in ATTRIBUTION_FIELDS},
    }


def changed_fields(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return the names of the fields in which two wordings differ."""
    old, new = ({**wording, **wording["details"], "details": None} for wording in map(without_empty, (before, after)))
    return {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}


def without_empty(wording: dict[str, Any]) -> dict[str, Any]:
    """Leave empty details out: a field that did not exist yet when the item was written is no difference."""
    return {
        **wording,
        "details": {name: value for name, value in wording["details"].items() if value not in (None, "", [])},
    }
