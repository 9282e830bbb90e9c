"""`/staff/merges`: the merges that were made, what each gave, and undoing one."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.lists import next_page
from gateway.web.saved_answers.about_one import forget_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.item_fields import FIELDS, field_text, topic_names
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/merges/templates"
PAGE_MERGES: Final = 20
UndoJourney = Annotated[Journey, Depends(journey("undo"))]


@dataclass(frozen=True, slots=True)
class Gain:
    """What a field of the survivor received, and what an undo lets it say again. `stays`: it was changed since."""

    label: str
    came_from: str
    received: str
    before: str
    is_list: bool
    stays: bool


@router.get("/staff/merges", include_in_schema=False)
async def list_merges(page: EditorPage, api: Api, into: UUID | None = None, cursor: str | None = None) -> Response:
    """List the merges, the newest first."""
    merges = await api.get("/v1/merges", into=into, cursor=cursor, limit=PAGE_MERGES, count=True)
    return page.render(f"{TEMPLATES}/merges.html", merges=merges, following=next_page(merges), into=into)


@router.get("/staff/merges/{id}", include_in_schema=False)
async def show_merge(id: UUID, page: EditorPage, api: Api, done: str | None = None) -> Response:
    """Show what the surviving item received, and what undoing gives back."""
    return await _show(page, api, id, Form({"key": new_key()}), done=done)


@router.post("/staff/merges/{id}", include_in_schema=False)
async def undo_merge(id: UUID, request: Request, page: EditorForm, api: Api, answers: UndoJourney) -> Response:
    """Undo the merge as it was shown."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    try:
        key = idempotency_key(form, None)
        await api.send("POST", f"/v1/merges/{id}/undo", etag=form.text("etag"), idempotency_key=key)
    except ApiRefusal as error:
        if error.status not in (409, 412):
            raise
        form.add_refusal(error)
        if error.status == 412:
            form.errors[""] = page.text(
                "This merge has changed since you opened it. Nothing was undone. Look at it again."
            )
        return await _show(page, api, id, form, status=error.status)
    await forget_answers(answers)
    return page.redirect(f"/staff/merges/{id}", done="undone")


async def _show(
    page: WebPage, api: PublicApi, id: UUID, form: Form, *, status: int = 200, done: str | None = None
) -> Response:
    response = await api.read(f"/v1/merges/{id}")
    merge = response.document
    survivor, groups = await asyncio.gather(
        api.find(f"/v1/evidence/{merge['into']}"), api.find_aside("/v1/duplicates", limit=1, count=True)
    )
    topics = [change["added"] for change in merge["changes"] if change["field"] == "topics"]
    names = await topic_names(api, [topic for added in topics for topic in added or ()])
    return page.render(
        f"{TEMPLATES}/merge.html",
        status=status,
        form=form,
        merge=merge,
        etag=response.etag,
        survivor=survivor,
        gains=[_gain(page, merge, change, survivor or {}, names) for change in merge["changes"]],
        waiting=groups.get("total"),
        done=done,
        more=f"/staff/merges?{urlencode({'into': merge['into']})}",
    )


def _gain(page: WebPage, merge: Document, change: Document, survivor: Document, topics: dict[str, str]) -> Gain:
    name: str = change["field"]
    titles = {item["item_id"]: item["title"] for item in merge["items"]}
    is_list = change["added"] is not None
    received: Any = change["added"] if is_list else change["after"]
    return Gain(
        page.text(FIELDS.get(name, name)),
        titles.get(change["came_from"], ""),
        field_text(page, name, received, topics),
        field_text(page, name, change["before"], topics),
        is_list,
        not is_list and merge["status"] == "standing" and survivor.get(name) != received,
    )
