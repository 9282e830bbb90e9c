"""`/staff/imports`: send a file of references, and follow what becomes of it."""

import asyncio
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.web.api_client import Api, Document, PublicApi
from gateway.web.forms import Form
from gateway.web.idempotency_keys import new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.lists import next_page
from gateway.web.topics.coverage import flatten
from gateway.web.work.file_forms import MEGABYTE, send_file_of, submitted_file
from gateway.web.work.imports import choices
from gateway.web.work.imports.counts import outcomes_chart
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/imports/templates"
PAGE_ITEMS: Final = 20
MAX_MEGABYTES: Final = 50
"""Of a file sent by this page: an upload from a browser cannot be taken up again where it broke off."""
MAX_TOPICS: Final = 20


@router.get("/staff/imports", include_in_schema=False)
async def list_imports(
    page: EditorPage, api: Api, rejects_waiting: bool = False, ended: bool = False, cursor: str | None = None
) -> Response:
    """List the imports, newest first, with the form to send a file; or those alone with rejects that wait."""
    form = Form({"publish": "no", "key": new_key()})
    return await _list(page, api, form, rejects_waiting=rejects_waiting, ended=ended, cursor=cursor)


@router.get("/staff/imports/file", include_in_schema=False)
async def show_form(page: EditorPage) -> Response:
    """Lead to the form, whoever comes back to the address that takes the file."""
    return page.redirect("/staff/imports")


@router.post("/staff/imports/file", include_in_schema=False)
async def send_file(request: Request, page: EditorForm, api: Api) -> Response:
    """Import a file. It cannot wait for somebody who has been signed out meanwhile, and they are told so."""
    if not page.signed_in:
        return page.redirect("/sign-in", next="/staff/imports?ended=true")
    too_large = page.text(
        "This file is larger than 50 MB. Split it, or send it by the API, which takes up to 500 MB. Nothing was saved."
    )
    async with submitted_file(request, max_bytes=MAX_MEGABYTES * MEGABYTE, too_large=too_large) as sent:
        form = sent.form
        fields = {
            "topics": ",".join(_topic_ids(page, form)),
            "publish": "true" if form.choice("publish", choices.PUBLISH) == "yes" else "false",
            "format": form.choice("format", choices.FORMATS) or "",
        }
        if (job := await send_file_of(api, "/v1/imports", sent, fields)) is not None:
            return page.redirect(f"/staff/imports/{job['id']}")
    return await _list(page, api, form)


@router.get("/staff/imports/{id}", include_in_schema=False)
async def show_import(id: UUID, page: EditorPage, api: Api) -> Response:
    """Show how far a file has been read, what became of its records, and where each of them is."""
    job = await api.get(f"/v1/imports/{id}")
    withdrawal, conflicts, duplicates = await asyncio.gather(
        api.get(f"/v1/imports/{id}/withdrawal") if job["withdrawn_at"] else _nothing(),
        api.find_aside("/v1/import-conflicts", import_=id, limit=1, count=True),
        api.find_aside("/v1/duplicates", import_=id, limit=1, count=True),
    )
    return page.render(
        f"{TEMPLATES}/import.html",
        job=job,
        chart=outcomes_chart(page, job),
        choices=choices,
        withdrawal=withdrawal,
        conflicts=conflicts.get("total"),
        duplicates=duplicates.get("total"),
    )


@router.get("/staff/imports/{id}/outcomes.csv", include_in_schema=False)
async def get_outcomes(id: UUID, page: EditorPage, api: Api) -> Response:
    """Return what became of the records, as CSV."""
    return outcomes_chart(page, await api.get(f"/v1/imports/{id}")).csv()


async def _nothing() -> Document:
    return {}


async def _list(
    page: WebPage,
    api: PublicApi,
    form: Form,
    *,
    rejects_waiting: bool = False,
    ended: bool = False,
    cursor: str | None = None,
) -> Response:
    waiting = "true" if rejects_waiting else None
    imports, tree = await asyncio.gather(
        api.get("/v1/imports", rejects_waiting=waiting, limit=PAGE_ITEMS, cursor=cursor), topic_choices(api)
    )
    return page.render(
        f"{TEMPLATES}/imports.html",
        status=422 if form.errors else 200,
        form=form,
        imports=imports["items"],
        following=next_page(imports),
        topics=tree,
        choices=choices,
        formats=choices.pairs(page, choices.FORMATS),
        publish=[
            (code, label, page.text(choices.PUBLISH_MEANINGS[code]))
            for code, label in choices.pairs(page, choices.PUBLISH)
        ],
        rejects_waiting=rejects_waiting,
        ended=ended,
        is_first=cursor is None,
    )


async def topic_choices(api: PublicApi) -> list[tuple[str, str, str]]:
    """Return every topic with the one above it, for a form; none where they do not come."""
    tree: Any = await api.find_aside("/v1/topics/tree")
    topics = flatten(tree or [])
    names = {topic["id"]: topic["name"] for topic in topics}
    return [(topic["id"], topic["name"], names.get(topic["parent_id"], "")) for topic in topics]


def _topic_ids(page: WebPage, form: Form) -> list[str]:
    values: Any = form.values.get("topics") or []
    ids: list[str] = [values] if isinstance(values, str) else list(values)
    form.values["topics"] = ids
    if len(ids) > MAX_TOPICS:
        form.errors["topics"] = page.text("Choose at most %(number)s topics") % {"number": MAX_TOPICS}
    return ids
