"""`/staff/harvests`: repositories that are harvested, their runs, and what became of each record."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.charts import BarChart, ChartRow
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.lists import next_page
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.harvests import forms
from gateway.web.work.imports.choices import FIELDS, PUBLISH, PUBLISH_MEANINGS, outcome_views, pairs
from gateway.web.work.imports.pages import topic_choices
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/harvests/templates"
PAGE_ITEMS: Final = 20
MAX_RECORDS: Final = 50
NEW: Final = UUID(int=0)
NewHarvest = Annotated[Journey, Depends(journey("harvest"))]


@router.get("/staff/harvests", include_in_schema=False)
async def list_harvests(page: EditorPage, api: Api, cursor: str | None = None, ended: bool = False) -> Response:
    """List the repositories, newest first, each with its last run."""
    harvests = await api.get("/v1/harvests", limit=PAGE_ITEMS, cursor=cursor)
    return page.render(
        f"{TEMPLATES}/harvests.html",
        harvests=harvests["items"],
        following=next_page(harvests),
        forms=forms,
        ended=ended,
    )


@router.get("/staff/harvests/new", include_in_schema=False)
async def show_new_harvest(page: EditorPage, api: Api, answers: NewHarvest) -> Response:
    """Show the form for a repository, or what was written before the session ended."""
    first = {"metadata_prefix": "oai_dc", "publish": "no", "every_hours": "24", "key": new_key()}
    return await _new_page(page, api, Form(first | await restore_answers(answers, NEW)))


@router.post("/staff/harvests/new", include_in_schema=False)
async def create_harvest(request: Request, page: EditorForm, api: Api, answers: NewHarvest) -> Response:
    """Add a repository. Its first run begins at once."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, NEW, form)
    body = forms.read_new(page, form)
    if not form.errors:
        try:
            response = await api.send("POST", "/v1/harvests", body, idempotency_key=idempotency_key(form, body))
        except ApiRefusal as error:
            form.add_refusal(error)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/harvests/{response.document['id']}")
    return await _new_page(page, api, form)


@router.get("/staff/harvests/{id}", include_in_schema=False)
async def show_harvest(id: UUID, page: EditorPage, api: Api, done: str = "", running: bool = False) -> Response:
    """Show a repository: what is done with its records, when, and how the last run went."""
    harvest, topics, quarantined = await asyncio.gather(
        api.get(f"/v1/harvests/{id}"),
        topic_choices(api),
        api.find_aside(f"/v1/harvests/{id}/quarantined-records", limit=1, count=True),
    )
    names = {topic_id: name for topic_id, name, _ in topics}
    run = harvest["last_run"]
    return page.render(
        f"{TEMPLATES}/harvest.html",
        harvest=harvest,
        run=run,
        chart=_chart(page, harvest, run) if run else None,
        topics=[names[topic] for topic in harvest["topics"] if topic in names],
        quarantined=quarantined.get("total"),
        forms=forms,
        done=done,
        running=running,
        key=new_key(),
    )


@router.get("/staff/harvests/{id}/outcomes.csv", include_in_schema=False)
async def get_run_outcomes(id: UUID, page: EditorPage, api: Api) -> Response:
    """Return what became of the records of the last run, as CSV."""
    harvest = await api.get(f"/v1/harvests/{id}")
    return _chart(page, harvest, harvest["last_run"] or {}).csv()


@router.post("/staff/harvests/{id}/runs", include_in_schema=False)
async def run_now(request: Request, id: UUID, page: EditorForm, api: Api) -> Response:
    """Harvest a repository now. Where that goes on already, there is nothing to do."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=f"/staff/harvests/{id}")
    form = await submitted_form(request)
    key = str(form.values.get("key") or "") or None
    try:
        await api.send("POST", f"/v1/harvests/{id}/runs", idempotency_key=key)
    except ApiRefusal as error:
        if error.status != 409:
            raise
        return page.redirect(f"/staff/harvests/{id}", running="true")
    return page.redirect(f"/staff/harvests/{id}", done="run")


@router.get("/staff/harvests/{id}/runs", include_in_schema=False)
async def list_runs(id: UUID, page: EditorPage, api: Api, cursor: str | None = None) -> Response:
    """List the runs, newest first, with what each did."""
    harvest, runs = await asyncio.gather(
        api.get(f"/v1/harvests/{id}"), api.get(f"/v1/harvests/{id}/runs", limit=PAGE_ITEMS, cursor=cursor)
    )
    return page.render(
        f"{TEMPLATES}/runs.html", harvest=harvest, runs=runs["items"], following=next_page(runs), forms=forms
    )


@router.get("/staff/harvests/{id}/records", include_in_schema=False)
async def list_harvested_records(
    id: UUID, page: EditorPage, api: Api, outcome: str | None = None, cursor: str | None = None
) -> Response:
    """List what became of each record that was new or had changed; with `outcome`, of those alone."""
    path = f"/staff/harvests/{id}/records"
    chosen = outcome if outcome in forms.OUTCOMES else None
    harvest, records = await asyncio.gather(
        api.get(f"/v1/harvests/{id}"),
        api.get(f"/v1/harvests/{id}/records", outcome=chosen, limit=MAX_RECORDS, cursor=cursor),
    )
    return page.render(
        f"{TEMPLATES}/records.html",
        harvest=harvest,
        records=records["items"],
        following=next_page(records),
        views=outcome_views(page, path, forms.OUTCOMES),
        current=f"{path}?outcome={chosen}" if chosen else path,
        fields_of_items=FIELDS,
        forms=forms,
    )


async def _new_page(page: WebPage, api: PublicApi, form: Form) -> Response:
    context = await form_context(page, api)
    return page.render(f"{TEMPLATES}/new.html", status=422 if form.errors else 200, form=form, **context)


async def form_context(page: WebPage, api: PublicApi) -> Document:
    """Return what the form of a harvest lets choose."""
    return {
        "topics": await topic_choices(api),
        "publish": [(code, label, page.text(PUBLISH_MEANINGS[code])) for code, label in pairs(page, PUBLISH)],
        "metadata": [
            (code, label, page.text(forms.METADATA_MEANINGS[code])) for code, label in pairs(page, forms.METADATA)
        ],
    }


def _chart(page: WebPage, harvest: Document, run: Document) -> BarChart:
    path = f"/staff/harvests/{harvest['id']}"
    rows = [ChartRow(page.text(label), (run.get(name, 0),)) for name, label in forms.COUNTS.items()]
    headings = (page.text("What happened to them"), page.text("Records"))
    title = page.text("What happened to the records in the last run")
    return BarChart("outcomes", title, headings, rows, f"{path}/outcomes.csv", full=run.get("received") or None)
