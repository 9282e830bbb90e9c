"""`/line-of-sight?from=`: the thread from a voice to a change in practice, as a picture and as a list."""

import asyncio
from typing import Final

from fastapi import Request
from starlette.responses import Response

from gateway.web import vocabulary
from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.charts import Chart, ChartRow, ContentText
from gateway.web.forms import Form
from gateway.web.layout.page import PublicPage, WebPage
from gateway.web.line_of_sight.thread import Thread, lay_out
from shared.http.conditional_requests import create_router

router = create_router("", "Line of sight pages")

NAMED_BY_ENGAGEMENT: Final = {"project": "/v1/projects", "assembly": "/v1/assemblies", "survey": "/v1/surveys"}
"""Kinds whose titles the thread does not hold, since events carry no words."""
MAX_NAMED: Final = 12


@router.get("/line-of-sight", include_in_schema=False)
async def show_thread(request: Request, page: PublicPage, api: Api) -> Response:
    """Show the thread from any point of it, both ways."""
    form, start = Form(), request.query_params.get("from", "").strip()
    if not start:
        return await _start_page(page, api, form)
    try:
        thread, document = await _thread(page, api, start)
    except ApiRefusal as error:
        if error.status != 422:
            raise
        form.errors[""] = page.text("We do not know where to start. Start with a guide")
        return await _start_page(page, api, form)
    return page.render(
        "line_of_sight/templates/thread.html",
        thread=thread,
        is_truncated=document["truncated"],
        start_ref=start,
        table=_table(page, thread, start),
    )


@router.get("/line-of-sight/thread.csv", include_in_schema=False)
async def get_thread(request: Request, page: PublicPage, api: Api) -> Response:
    """Return the links of the thread as CSV."""
    start = request.query_params.get("from", "").strip()
    thread, _ = await _thread(page, api, start)
    return _table(page, thread, start).csv()


async def _start_page(page: WebPage, api: PublicApi, form: Form) -> Response:
    newest = await api.find_aside("/v1/guides", limit=MAX_NAMED)
    status = 422 if form.errors else 200
    return page.render("line_of_sight/templates/start.html", status=status, form=form, guides=newest.get("items", ()))


async def _thread(page: WebPage, api: PublicApi, start: str) -> tuple[Thread, Document]:
    document = await api.get("/v1/line-of-sight", from_=start)
    refs = [node["ref"] for node in document["nodes"] if node["kind"] in NAMED_BY_ENGAGEMENT][:MAX_NAMED]
    named = await asyncio.gather(*(api.find_aside(_path(ref)) for ref in refs))
    titles = {ref: answer["title"] for ref, answer in zip(refs, named, strict=True) if answer.get("title")}
    return lay_out(page, document, titles), document


def _path(ref: str) -> str:
    kind, _, id = ref.partition(":")
    return f"{NAMED_BY_ENGAGEMENT[kind]}/{id}"


def _table(page: WebPage, thread: Thread, start: str) -> Chart:
    """Return a row for each link of the thread."""
    headings = (page.text("From"), page.text("Kind"), page.text("What happened"), page.text("To"), page.text("Kind"))
    rows = [
        ChartRow(
            ContentText(source.text, source.language),
            (
                page.text(vocabulary.name(vocabulary.NODES, source.kind)),
                relation,
                ContentText(target.text, target.language),
                page.text(vocabulary.name(vocabulary.NODES, target.kind)),
            ),
            href=source.href or "",
        )
        for source, relation, target in thread.links
    ]
    return Chart(
        "thread",
        page.text("Every link in the line of sight"),
        headings,
        rows,
        f"/line-of-sight/thread.csv?from={start}",
    )
