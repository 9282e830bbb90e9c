"""Items as they are answered. Reading builds JSON straight from the row: a test holds it to the models here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Response
from pydantic import BaseModel, Field

from services.evidence.library.items.consent import Consent, Credit
from services.evidence.library.items.descriptions import (
    COMMON,
    WISHES,
    LivedExperienceFields,
    PracticeKnowledgeFields,
    ResearchFields,
    Retraction,
)
from services.evidence.library.items.tables import Item
from shared.callers import Caller
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.etags import etag
from shared.http.pagination import Page, PageRequest
from shared.views import View

State = Literal["draft", "published", "withdrawn", "merged"]
PUBLIC = {"Cache-Control": "public, no-cache", "Vary": "Authorization, X-API-Key"}
"""Kept by caches, but asked for again each time: what is withdrawn must disappear everywhere at once."""
PRIVATE = {"Cache-Control": "private, no-store"}


def kept_by(caller: Caller) -> dict[str, str]:
    """Headers of an answer about a published item that says more to staff."""
    return PUBLIC if caller.anonymous else PRIVATE


class ItemSummary(View):
    """An item in a list or a search."""

    id: UUID
    way_of_knowing: WayOfKnowing
    state: State
    title: str
    summary: str = Field(description="At most the first 600 characters.")
    topics: list[UUID]
    country: str | None
    setting: str | None
    language: str
    published_on: str | None = Field(description="When the work came out: a year, a month or a day.")
    published_at: datetime | None = Field(description="Since when this library has shown it.")
    edition: int
    retraction: Retraction | None = Field(description="What became of the work itself. To be said first.")


class _ItemView(View):
    id: UUID
    state: State
    title: str
    summary: str
    topics: list[UUID]
    country: str | None
    setting: str | None
    language: str
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    edition: int = Field(description="Of the description; one more with each change after it was published.")
    retraction: Retraction | None = Field(description="What became of the work itself. To be said first.")


class ResearchView(_ItemView, ResearchFields):
    way_of_knowing: Literal["research"]


class LivedExperienceView(_ItemView, LivedExperienceFields):
    way_of_knowing: Literal["lived_experience"]
    attributed_to: str | None = Field(description="The name that the person chose; null when they stay anonymous.")
    consent: Consent | None = Field(description="For the person who gave it and the editors alone.")


class PracticeKnowledgeView(_ItemView, PracticeKnowledgeFields):
    way_of_knowing: Literal["practice_knowledge"]
    attributed_to: str | None = Field(description="The organisation or person to name; null for nobody.")
    credit: Credit | None = Field(description="For whoever gave it and the editors alone.")


ItemView = Annotated[ResearchView | LivedExperienceView | PracticeKnowledgeView, Field(discriminator="way_of_knowing")]


class Withdrawal(View):
    """What is left of an item."""

    id: UUID
    withdrawn_at: datetime


_COMMON = (
    "id",
    "way_of_knowing",
    "state",
    "retraction",
    "title",
    "summary",
    "topics",
    "country",
    "setting",
    "language",
    "created_at",
    "updated_at",
    "published_at",
    "edition",
)


def attribution(way_of_knowing: str, own: Mapping[str, Any]) -> list[str]:
    """Whom to credit wherever the item is shown, exported or cited; empty for a person who stays anonymous."""
    match way_of_knowing:
        case "research":
            return list(own.get("authors") or own.get("editors") or ())
        case "lived_experience":
            return _named(own.get("consent"))
        case _:
            return _named(own.get("credit"))


def _named(wish: Mapping[str, Any] | None) -> list[str]:
    if not wish or wish.get("attribution", "anonymous") == "anonymous" or not wish.get("name"):
        return []
    return [wish["name"]]


def public_own(way_of_knowing: str, own: Mapping[str, Any]) -> dict[str, Any]:
    """What is the item's own, as anyone may have it: of people's wishes, what is shown of them and no more."""
    shown = {name: value for name, value in own.items() if name not in WISHES}
    name = next(iter(attribution(way_of_knowing, own)), None)
    if way_of_knowing == "lived_experience":
        agreed: Mapping[str, Any] = own.get("consent") or {}
        choice = agreed.get("attribution") if name else "anonymous"
        shown["consent"] = {"to_publish": bool(agreed.get("to_publish")), "attribution": choice, "name": name}
    elif way_of_knowing == "practice_knowledge" and name:
        shown["credit"] = {"attribution": own["credit"]["attribution"], "name": name}
    return shown


def _unsaid(fields: type[BaseModel]) -> dict[str, Any]:
    return {name: field.get_default() for name, field in fields.model_fields.items() if not field.is_required()}


UNSAID: dict[str, dict[str, Any]] = {
    "research": _unsaid(ResearchFields),
    "lived_experience": _unsaid(LivedExperienceFields),
    "practice_knowledge": _unsaid(PracticeKnowledgeFields),
}
"""A field that did not exist yet when an item was written says nothing in it."""


def item_view(row: Any, *, consent: bool) -> dict[str, Any]:
    """The fields of one of the views of an item. `consent`: whether the reader may see what the person agreed to."""
    view: dict[str, Any] = {name: getattr(row, name) for name in _COMMON}
    way: str = row.way_of_knowing
    view |= UNSAID[way]
    view |= row.own
    if way != "research":
        wish = "consent" if way == "lived_experience" else "credit"
        view["attributed_to"] = next(iter(attribution(way, row.own)), None)
        view[wish] = row.own.get(wish) if consent else None
    return view


def description_of(item: Item, topics: list[UUID]) -> dict[str, Any]:
    """What its contributor wrote: what a patch applies to."""
    common = {name: getattr(item, name) for name in COMMON - {"topics"}}
    return {**common, "topics": [str(topic) for topic in topics], **item.own}


def answered(row: Any, *, whole: bool, status: int = 200, **more: Any) -> Response:
    """`whole`: for the person who gave it and the editors, who see what was agreed. `more`: fields besides."""
    view = item_view(row, consent=whole) | more
    headers = {**cached(row, whole=whole), "ETag": etag(row)}
    return Response(_json(view), status, headers, media_type="application/json")


def cached(row: Any, *, whole: bool) -> dict[str, str]:
    """Who may keep an answer about this item."""
    return PRIVATE if whole or row.state != "published" else PUBLIC


def answered_newest(rows: Sequence[dict[str, Any]], total: int | None, paging: PageRequest) -> Response:
    """A page of what is published; `rows` has one more than the page where there is more."""
    shown = rows[: paging.limit]
    key = [shown[-1]["published_at"], shown[-1]["id"]] if len(rows) > paging.limit else None
    following = paging.next_url(key) if key else None
    body: dict[str, Any] = {"items": shown, "next": following, "total": total}
    return Response(_json(body), headers={**PUBLIC, **_link(paging)}, media_type="application/json")


def answered_drafts(page: Page[ItemSummary], paging: PageRequest) -> Response:
    return Response(page.model_dump_json(), headers={**PRIVATE, **_link(paging)}, media_type="application/json")


def _link(paging: PageRequest) -> dict[str, str]:
    return {"Link": paging.response.headers["link"]} if "link" in paging.response.headers else {}


def _json(value: Any) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z)
