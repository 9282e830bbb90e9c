"""`/staff/appraisals`: what waits, how far people agree; and the appraisals of one item, where one is opened."""

import asyncio
import re
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web import vocabulary
from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.charts import BarChart, ChartRow, ContentText
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.languages import text
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.lists import next_page
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/appraisals/templates"
PAGE_APPRAISALS: Final = 20
HEADINGS: Final = (
    text("Questions"),
    text("Per cent agreed"),
    text("Answers compared"),
    text("Appraisals"),
    text("Settled"),
    text("Cohen's kappa"),
)
OpenJourney = Annotated[Journey, Depends(journey("open-appraisal"))]
_id = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


@router.get("/staff/appraisals", include_in_schema=False)
async def list_waiting(page: EditorPage, api: Api, item: str = "", cursor: str | None = None) -> Response:
    """List the appraisals that lack a judgement or a resolution, or lead to those of one item."""
    form = Form({"item": item})
    if item and (match := _id.search(item)):
        return page.redirect(f"/staff/evidence/{match[0].lower()}/appraisals")
    if item:
        form.errors["item"] = page.text("Paste the item's address or id")
    waiting, instruments = await asyncio.gather(
        api.get("/v1/evidence/appraisals/waiting", limit=PAGE_APPRAISALS, count=True, cursor=cursor),
        instruments_by_code(api),
    )
    return page.render(
        f"{TEMPLATES}/waiting.html",
        status=422 if form.errors else 200,
        form=form,
        waiting=waiting,
        instruments=instruments,
        following=next_page(waiting),
        caller_id=str(page.caller.id if page.caller else ""),
    )


@router.get("/staff/appraisals/agreement", include_in_schema=False)
async def show_agreement(page: EditorPage, api: Api) -> Response:
    """Show how far two people who judge by the same instrument agree before differences are settled."""
    chart, rows = await _agreement_chart(page, api)
    agreements = [row["agreement"] for row in rows]
    return page.render(
        f"{TEMPLATES}/agreement.html",
        chart=chart,
        rows=rows,
        compared=sum(agreement["compared"] for agreement in agreements),
        agreed=sum(agreement["agreed"] for agreement in agreements),
    )


@router.get("/staff/appraisals/agreement.csv", include_in_schema=False)
async def download_agreement(page: EditorPage, api: Api) -> Response:
    """Return the rows of the chart."""
    chart, _ = await _agreement_chart(page, api)
    return chart.csv()


@router.get("/staff/evidence/{id}/appraisals", include_in_schema=False)
async def list_of_item(id: UUID, page: EditorPage, api: Api, answers: OpenJourney) -> Response:
    """List the appraisals of an item, and offer the instruments that fit its kind."""
    return await _show_item(page, api, id, Form({"key": new_key(), **await restore_answers(answers, id)}))


@router.post("/staff/evidence/{id}/appraisals", include_in_schema=False)
async def open_appraisal(id: UUID, request: Request, page: EditorForm, api: Api, answers: OpenJourney) -> Response:
    """Open an appraisal of the current version of the item."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    body = {"instrument": form.text("instrument", missing=page.text("Choose the questions that fit"))}
    if form.errors:
        return await _show_item(page, api, id, form, status=422)
    path = f"/v1/evidence/{id}/appraisals"
    try:
        response = await api.send("POST", path, body, idempotency_key=idempotency_key(form, body))
    except ApiRefusal as error:
        if error.status not in (409, 422):
            raise
        form.add_refusal(error)
        return await _show_item(page, api, id, form, status=error.status)
    await forget_answers(answers)
    return page.redirect(f"/staff/evidence/{id}/appraisals/{response.document['id']}")


async def instruments_by_code(api: PublicApi) -> dict[str, Document]:
    """Return every instrument with its questions, by its code."""
    instruments = await api.get("/v1/evidence/appraisals/instruments")
    return {instrument["code"]: instrument for instrument in instruments["items"]}


async def _show_item(page: WebPage, api: PublicApi, id: UUID, form: Form, *, status: int = 200) -> Response:
    response, instruments = await asyncio.gather(api.read(f"/v1/evidence/{id}"), instruments_by_code(api))
    if response.status >= 300:
        return page.redirect(f"/evidence/{id}")
    item = response.document
    appraisals: Document = {"items": [], "fitting": []}
    if item["status"] == "published":
        appraisals = await api.get(f"/v1/evidence/{id}/appraisals")
    return page.render(
        f"{TEMPLATES}/item.html",
        status=status,
        form=form,
        item=item,
        appraisals=appraisals["items"],
        fitting=[instruments[code] for code in appraisals["fitting"]],
        instruments=instruments,
        caller_id=str(page.caller.id if page.caller else ""),
    )


async def _agreement_chart(page: WebPage, api: PublicApi) -> tuple[BarChart, list[dict[str, Any]]]:
    agreement, instruments = await asyncio.gather(
        api.get("/v1/evidence/appraisals/agreement"), instruments_by_code(api)
    )
    rows: list[dict[str, Any]] = agreement["items"]
    chart = BarChart(
        "agreement",
        page.text("How often two people agreed, in per cent"),
        tuple(page.text(heading) for heading in HEADINGS),
        [
            ChartRow(
                ContentText(instruments[row["instrument"]]["name"], vocabulary.CONTENT_LANGUAGE),
                (
                    round(row["agreement"]["percent"]),
                    row["agreement"]["compared"],
                    row["appraisals"],
                    row["resolved"],
                    "" if row["agreement"]["kappa"] is None else f"{row['agreement']['kappa']:.2f}",
                ),
            )
            for row in rows
            if row["agreement"]["percent"] is not None
        ],
        "/staff/appraisals/agreement.csv",
        full=100,
    )
    return chart, rows
