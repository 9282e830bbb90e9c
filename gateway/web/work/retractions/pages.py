"""`/staff/retractions`: send a list of retractions, and see what it flagged and what was rejected."""

import asyncio
from typing import Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.web.api_client import Api, Document, PublicApi
from gateway.web.charts import BarChart, ChartRow
from gateway.web.forms import Form
from gateway.web.idempotency_keys import new_key
from gateway.web.layout.languages import text
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.lists import next_page
from gateway.web.work.file_forms import MEGABYTE, send_file_of, submitted_file
from gateway.web.work.imports.choices import STATUSES
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/retractions/templates"
PAGE_ITEMS: Final = 20
MAX_ROWS: Final = 50
MAX_MEGABYTES: Final = 100
"""As the API: the list of all retractions ever is about as large."""
SOURCE: Final = "source"
MAX_SOURCE_CHARACTERS: Final = 300
COUNTS: Final = {
    "flagged": text("Flagged an item"),
    "already_flagged": text("Of an item that was already flagged"),
    "not_in_library": text("Of a work that is not in the library"),
    "rejected": text("Could not be read"),
}


@router.get("/staff/retractions", include_in_schema=False)
async def list_retraction_lists(page: EditorPage, api: Api, ended: bool = False, cursor: str | None = None) -> Response:
    """List the lists that were read, newest first, with the form to send one."""
    form = Form({"source": "", "key": new_key()})
    return await _list(page, api, form, ended=ended, cursor=cursor)


@router.get("/staff/retractions/file", include_in_schema=False)
async def show_retraction_form(page: EditorPage) -> Response:
    """Lead to the form, whoever comes back to the address that takes the file."""
    return page.redirect("/staff/retractions")


@router.post("/staff/retractions/file", include_in_schema=False)
async def send_retraction_list(request: Request, page: EditorForm, api: Api) -> Response:
    """Have a list read. It cannot wait for somebody who has been signed out meanwhile, and they are told so."""
    if not page.signed_in:
        return page.redirect("/sign-in", next="/staff/retractions?ended=true")
    too_large = page.text(
        "This file is larger than 100 MB. Split it, and put the row of column names in each part. Nothing was saved."
    )
    async with submitted_file(request, max_bytes=MAX_MEGABYTES * MEGABYTE, too_large=too_large) as sent:
        form = sent.form
        source = form.text(SOURCE, longest=MAX_SOURCE_CHARACTERS, too_long=page.text("Write 300 characters or fewer"))
        if (job := await send_file_of(api, "/v1/retractions", sent, {"source": source})) is not None:
            return page.redirect(f"/staff/retractions/{job['id']}")
    return await _list(page, api, form)


@router.get("/staff/retractions/{id}", include_in_schema=False)
async def show_retraction_list(id: UUID, page: EditorPage, api: Api, cursor: str | None = None) -> Response:
    """Show how far a list has been read, what became of its rows, and the items that it flagged."""
    job, flagged = await asyncio.gather(
        api.get(f"/v1/retractions/{id}"), api.get(f"/v1/retractions/{id}/items", limit=MAX_ROWS, cursor=cursor)
    )
    return page.render(
        f"{TEMPLATES}/retraction_list.html",
        job=job,
        chart=_chart(page, job),
        flagged=flagged["items"],
        following=next_page(flagged),
        statuses=STATUSES,
    )


@router.get("/staff/retractions/{id}/rows.csv", include_in_schema=False)
async def get_rows(id: UUID, page: EditorPage, api: Api) -> Response:
    """Return what became of the rows, as CSV."""
    return _chart(page, await api.get(f"/v1/retractions/{id}")).csv()


@router.get("/staff/retractions/{id}/rejects", include_in_schema=False)
async def list_rejected_rows(id: UUID, page: EditorPage, api: Api, cursor: str | None = None) -> Response:
    """List the rows that could not be read, each with its line and the reason."""
    job, rejects = await asyncio.gather(
        api.get(f"/v1/retractions/{id}"), api.get(f"/v1/retractions/{id}/rejects", limit=MAX_ROWS, cursor=cursor)
    )
    return page.render(f"{TEMPLATES}/rejects.html", job=job, rejects=rejects["items"], following=next_page(rejects))


def _chart(page: WebPage, job: Document) -> BarChart:
    rows = [ChartRow(page.text(label), (job[name],)) for name, label in COUNTS.items()]
    headings = (page.text("What happened to them"), page.text("Rows"))
    title, path = page.text("What happened to the rows"), f"/staff/retractions/{job['id']}/rows.csv"
    return BarChart("rows", title, headings, rows, path, full=job["rows"] or None)


async def _list(
    page: WebPage, api: PublicApi, form: Form, *, ended: bool = False, cursor: str | None = None
) -> Response:
    lists = await api.get("/v1/retractions", limit=PAGE_ITEMS, cursor=cursor)
    return page.render(
        f"{TEMPLATES}/retraction_lists.html",
        status=422 if form.errors else 200,
        form=form,
        lists=lists["items"],
        following=next_page(lists),
        statuses=STATUSES,
        ended=ended,
        is_first=cursor is None,
    )
