"""`/staff/evidence` and `/staff/evidence/{id}`: all items by filters, and one with its history and what can be done."""

import asyncio
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.web.addresses import find_page
from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.descriptions.fields import LIBRARY, WORDS
from gateway.web.forms import Form
from gateway.web.layout.page import EditorPage, WebPage
from gateway.web.tell.choices import pairs
from gateway.web.work.items.filters import ORIGINS, SORTS, STATUSES, VIEWS, ItemFilters
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/items/templates"
MAX_ITEMS: Final = 25
MAX_TOPICS: Final = 200
MAX_ASIDE: Final = 50
MAX_DRAFTS: Final = 200


@router.get("/staff/evidence", include_in_schema=False)
async def list_items(request: Request, page: EditorPage, api: Api) -> Response:
    """List what the filters let through, with how many they are."""
    filters = ItemFilters.of(request.query_params)
    form = Form(dict(filters.values), language=page.preferences.language)
    items, topics = await asyncio.gather(
        _load_items(page, api, filters, form, request.query_params.get("cursor")),
        api.find_aside("/v1/topics", limit=MAX_TOPICS),
    )
    return page.render(
        f"{TEMPLATES}/items.html",
        status=422 if form.errors else 200,
        form=form,
        pairs=partial(pairs, page),
        filters=filters,
        views=[(address, page.text(name)) for address, name in VIEWS],
        statuses=STATUSES,
        origins=ORIGINS,
        sorts=SORTS,
        topics={topic["id"]: topic["name"] for topic in topics.get("items", ())},
        items=items.get("items", ()),
        total=items.get("total"),
        next=_next(filters, items),
    )


@router.get("/staff/evidence/{id}", include_in_schema=False)
async def show_item(id: UUID, page: EditorPage, api: Api, done: str | None = None, list: str = "") -> Response:
    """Show an item with its state, its history, where it came from, and what an editor can do with it."""
    path = f"/v1/evidence/{id}"
    try:
        response = await api.read(path)
    except ApiRefusal as error:
        if error.status != 410:
            raise
        return page.render(f"{TEMPLATES}/withdrawn.html", tombstone=error.problem["tombstone"], done=done)
    if response.document is None or response.status >= 300:
        return _merged_into(page, response)
    item = response.document
    asides = await asyncio.gather(
        api.find_aside("/v1/topics", limit=MAX_TOPICS),
        api.find_aside(f"{path}/versions", limit=MAX_ASIDE),
        api.find_aside(f"{path}/records", limit=MAX_ASIDE),
        api.find_aside("/v1/evidence/proposals", item=id, status="waiting"),
        api.find_aside("/v1/guides", cites=id, limit=MAX_ASIDE),
    )
    topics, editions, records, proposals, guides = (aside.get("items", ()) for aside in asides)
    way = item["way_of_knowing"]
    return page.render(
        f"{TEMPLATES}/item.html",
        item=item,
        topics={topic["id"]: topic["name"] for topic in topics},
        editions=editions,
        records=records,
        proposals=proposals,
        guides=guides,
        labels={field.name: field.label for field in (*WORDS[way], *LIBRARY[way])},
        missing=_missing(page, item),
        may_be_published=item.get("consent") is None or item["consent"]["to_publish"],
        done=done,
        of_list=ItemFilters.drafts_of(list).of_list if list else "",
        drafts_path=ItemFilters.drafts_of(list).link(),
        next_draft=await _next_draft(api, id, list) if done == "published" else None,
    )


async def _load_items(page: WebPage, api: PublicApi, filters: ItemFilters, form: Form, cursor: str | None) -> Document:
    """Return the items, or nothing where the filters cannot be used together or the API refuses them."""
    if filters.unsearchable:
        form.errors["q"] = page.text(
            "You cannot search the words of published items and also filter by origin, import or notice"
        )
        return {}
    path = "/v1/search" if filters.is_search else "/v1/evidence"
    parameters = filters.list_parameters()
    try:
        return await api.get(path, limit=MAX_ITEMS, cursor=cursor, count=True, **parameters)
    except ApiRefusal as error:
        if error.status not in (404, 422):
            raise
        form.add_refusal(error, {f"?{name}": name for name in parameters} | {"?title": "q"})
        return {}


async def _next_draft(api: PublicApi, id: UUID, list: str) -> Document | None:
    """Return the draft after this one in a list, whose newest come first, or from its beginning again."""
    parameters = ItemFilters.drafts_of(list).list_parameters()
    drafts = (await api.find_aside("/v1/evidence", limit=MAX_DRAFTS, **parameters)).get("items", ())
    return next((draft for draft in drafts if draft["id"] < str(id)), next(iter(drafts), None))


def _next(filters: ItemFilters, items: Document) -> str | None:
    cursors = parse_qs(urlsplit(items.get("next") or "").query).get("cursor")
    return filters.link(cursor=cursors[0]) if cursors else None


def _merged_into(page: WebPage, response: ApiResponse) -> Response:
    """Return the redirect to the item that stands for one that was merged."""
    public = find_page(urlsplit(response.location or "").path, "") or ""
    return page.redirect(f"/staff{public}", done="merged")


def _missing(page: WebPage, item: Document) -> list[str]:
    """Return what a draft lacks: what keeps it from being published first, then what readers would miss."""
    consent: dict[str, Any] | None = item.get("consent")
    gaps = (
        (
            consent is not None and not consent["to_publish"],
            page.text("Nobody has agreed to publish it yet. Only the person who gave it can, on their own page."),
        ),
        (not item["topics"], page.text("It has no topic, so few people will find it.")),
        (not item["summary"] and item["way_of_knowing"] == "research", page.text("It has no abstract.")),
        (not item["country"], page.text("It does not name a country.")),
    )
    return [gap for is_missing, gap in gaps if is_missing]
