"""`/staff/bulk-changes`: many items changed at once, of which a preview is confirmed, and its steps followed."""

import asyncio
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.addresses import next_page
from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.tell.choices import pairs
from gateway.web.work.bulk_changes import forms
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/bulk_changes/templates"
PATH: Final = "/staff/bulk-changes"
MAX_STEPS: Final = 50
MAX_ITEMS: Final = 20
MAX_TOPICS: Final = 200
NEW: Final = UUID(int=0)
"""What the answers of the form are about, which is about no bulk change yet."""
STEP_STATUSES: Final = ("planned", "done", "left")

BulkJourney = Annotated[Journey, Depends(journey("work-bulk-change"))]


@router.get("/staff/bulk-changes", include_in_schema=False)
async def list_bulk_changes(page: EditorPage, api: Api, cursor: str | None = None) -> Response:
    """List previews and bulk changes, the newest first."""
    changes = await api.get("/v1/bulk-changes", cursor=cursor, limit=MAX_ITEMS)
    return page.render(
        f"{TEMPLATES}/bulk_changes.html",
        changes=changes["items"],
        topics=await _topics(api),
        next=next_page(PATH, changes["next"]),
    )


@router.get("/staff/bulk-changes/new", include_in_schema=False)
async def show_new(request: Request, page: EditorPage, api: Api, answers: BulkJourney) -> Response:
    """Ask what becomes of the chosen items."""
    chosen = forms.chosen_of(request.query_params) or await restore_answers(answers, NEW)
    if not chosen:
        return page.render(f"{TEMPLATES}/nothing.html", status=422)
    return await _ask(page, api, Form({"key": new_key(), "state": "", **chosen}))


@router.post("/staff/bulk-changes/new", include_in_schema=False)
async def preview(request: Request, page: EditorForm, api: Api, answers: BulkJourney) -> Response:
    """Make the preview. Nothing changes before it is confirmed."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, NEW, form)
    body = forms.read(form, page)
    if not form.errors:
        try:
            key = idempotency_key(form, body)
            shown = await api.send("POST", "/v1/bulk-changes", body, idempotency_key=key)
        except ApiRefusal as error:
            form.add_refusal(error)
            if error.field_errors():
                form.errors = {"": " ".join(detail for _, detail in error.field_errors())}
        else:
            await forget_answers(answers)
            return page.redirect(f"{PATH}/{shown.document['id']}")
    return await _ask(page, api, form, status=422)


@router.get("/staff/bulk-changes/{id}", include_in_schema=False)
async def show_bulk_change(
    id: UUID, page: EditorPage, api: Api, status: str | None = None, cursor: str | None = None
) -> Response:
    """Show what would change and what not, how far it is, or what came of it, by line."""
    return await _render(page, api, id, Form(), steps=status, cursor=cursor)


@router.get("/staff/bulk-changes/{id}/confirm", include_in_schema=False)
async def show_confirmation(id: UUID, page: EditorPage) -> Response:
    """Lead to the preview, whose form is sent here."""
    return page.redirect(f"{PATH}/{id}")


@router.post("/staff/bulk-changes/{id}/confirm", include_in_schema=False)
async def confirm(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Make what the preview holds. A second press does nothing."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=f"{PATH}/{id}")
    form = await submitted_form(request)
    try:
        etag = str(form.values.get("etag") or "")
        key = idempotency_key(form, None)
        await api.send("POST", f"/v1/bulk-changes/{id}/confirm", etag=etag, idempotency_key=key)
    except ApiRefusal as error:
        if error.slug != "bulk-change-confirmed":
            form.add_refusal(error)
            return await _render(page, api, id, form)
    return page.redirect(f"{PATH}/{id}")


async def _render(
    page: WebPage, api: PublicApi, id: UUID, form: Form, *, steps: str | None = None, cursor: str | None = None
) -> Response:
    path = f"/v1/bulk-changes/{id}"
    status = steps if steps in STEP_STATUSES else None
    response, lines, topics = await asyncio.gather(
        api.read(path), api.get(f"{path}/steps", status=status, cursor=cursor, limit=MAX_STEPS), _topics(api)
    )
    counts = response.document["steps"]
    views = [(f"{PATH}/{id}", page.text("All items"))]
    names = {"planned": page.text("Will change"), "done": page.text("Changed"), "left": page.text("Left as they are")}
    views += [(f"{PATH}/{id}?status={name}", text) for name, text in names.items() if counts[name]]
    return page.render(
        f"{TEMPLATES}/bulk_change.html",
        status=422 if form.errors else 200,
        form=form,
        change=response.document,
        etag=response.etag,
        key=new_key(),
        steps=lines["items"],
        views=views,
        topics=topics,
        next=next_page(f"{PATH}/{id}", lines["next"]),
    )


async def _ask(page: WebPage, api: PublicApi, form: Form, status: int = 200) -> Response:
    filters = forms.filters_of(form)
    ids = forms.ids_of(form)
    return page.render(
        f"{TEMPLATES}/new.html",
        status=status,
        form=form,
        ids=ids,
        total=len(ids) if ids else await _count(api, filters),
        only={f"only_{name}": form.values[f"only_{name}"] for name in filters},
        filters=filters,
        topics=await _topics(api),
        states=forms.STATES,
        pairs=partial(pairs, page),
    )


async def _count(api: PublicApi, filters: dict[str, Any]) -> int | None:
    """Return how many items a list with these filters has."""
    document: Document = await api.find_aside("/v1/evidence", limit=1, count=True, **filters)
    return document.get("total")


async def _topics(api: PublicApi) -> dict[str, str]:
    topics = await api.find_aside("/v1/topics", limit=MAX_TOPICS)
    return {topic["id"]: topic["name"] for topic in topics.get("items", ())}
