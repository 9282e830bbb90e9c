"""An evidence item as the API takes it, made of the answers, and as others will see it."""

from collections.abc import Mapping
from typing import Any

from gateway.web.api_client import Document
from gateway.web.layout.page import WebPage

Values = Mapping[str, Any]


def describe(values: Values, page: WebPage) -> Document:
    """Return what to POST to /v1/evidence. The answers have been checked."""
    common = {
        "way_of_knowing": values["way"],
        "title": _text(values, "title"),
        "topics": list(values.get("topics") or ()),
        "language": page.preferences.language,
        **_filled(values, "country", "setting", "service", "role"),
    }
    if years := {name: year for name in ("from", "to") if (year := _text(values, name))}:
        common["period"] = years
    if values["way"] == "practice_knowledge":
        own = _filled(values, "organisation_kind", "what_was_done", "what_happened", "what_it_needs")
        return common | own | {"credit": credit_of(values)}
    account, helped = _text(values, "account"), _text(values, "helped")
    if helped:
        heading = page.text("What helped, and what did not:")
        account = f"{account}\n\n{heading}\n{helped}"
    return common | {"account": account, "speaks_as": values["speaks_as"], "consent": consent_of(values)}


def consent_of(values: Values) -> Document:
    """Return the consent of an account: what may be done with it, and on whose word."""
    whose = values.get("whose") or "self"
    acting = {} if whose == "self" else {"given_by": "someone_acting_for_them", "basis": whose}
    return {"to_publish": values["to_publish"] == "yes", **acting, **credit_of(values)}


def credit_of(values: Values) -> Document:
    """Return how somebody is named. A name that is not to be shown is not sent."""
    chosen = "anonymous" if values.get("to_publish") == "no" else values["attribution"]
    return {"attribution": chosen} | ({} if chosen == "anonymous" else {"name": _text(values, "name")})


def preview(values: Values, page: WebPage) -> Document:
    """Return the item as the API would return it to others once it is published."""
    item = describe(values, page)
    named: Document = item.pop("consent", None) or item.pop("credit")
    missing = dict.fromkeys(("country", "setting", "service", "role", "period", "account", "summary"))
    return missing | item | {"attributed_to": named.get("name")}


def _text(values: Values, name: str) -> str:
    return str(values.get(name) or "").replace("\r\n", "\n").strip()


def _filled(values: Values, *names: str) -> Document:
    return {name: text for name in names if (text := _text(values, name))}
