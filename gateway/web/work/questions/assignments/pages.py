"""Taking a question, giving it back, freeing it of a colleague, and both for several at once after a preview."""

from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.local_paths import local_path
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.work.questions.assignments.selection import (
    MAX_CHOSEN,
    Change,
    change_several,
    preview,
    read_outcomes,
)
from gateway.web.work.questions.field_names import ETAG
from gateway.web.work.questions.question_page import render_question
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

CHOSEN: Final = Query(max_length=MAX_CHOSEN)


@router.get("/staff/questions/several", include_in_schema=False)
async def preview_several(
    request: Request,
    page: EditorPage,
    api: Api,
    change: Change = "assign",
    chosen: Annotated[list[UUID], CHOSEN] = [],  # noqa: B006  FastAPI copies it
) -> Response:
    """Show what will be done with each chosen question, and with which nothing, and why."""
    back = local_path(request.query_params.get("back"), "/staff/questions")
    lines = await preview(page, api, change, chosen)
    return page.render(
        "work/questions/templates/several.html",
        change=change,
        lines=lines,
        to_change=[line for line in lines if line.will_change],
        back=back if back.startswith("/staff/questions") else "/staff/questions",
        key=new_key(),
    )


@router.post("/staff/questions/several", include_in_schema=False)
async def confirm_several(request: Request, page: EditorForm, api: Api) -> Response:
    """Do it, each with one call and as it was shown. Then show what became of each."""
    form = await submitted_form(request)
    change: Change = "unassign" if form.values.get("change") == "unassign" else "assign"
    if not page.signed_in:
        query = urlencode({"change": change, "chosen": form.values.get("chosen") or []}, doseq=True)
        return page.redirect("/sign-in", next=f"/staff/questions/several?{query}")
    outcomes = await change_several(api, change, form)
    parameters = {"change": change, "outcomes": " ".join(f"{id}:{outcome}" for id, outcome in outcomes.items())}
    return page.redirect("/staff/questions/several/outcome", **parameters)


@router.get("/staff/questions/several/outcome", include_in_schema=False)
async def show_outcome(page: EditorPage, api: Api, change: Change = "assign", outcomes: str = "") -> Response:
    """Show line by line what became of each question."""
    lines = await read_outcomes(page, api, outcomes)
    return page.render("work/questions/templates/outcome.html", change=change, lines=lines)


@router.post("/staff/questions/{id}/assign", include_in_schema=False)
async def assign(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Take the question: from now on the editor looks for its answer."""
    return await _change(page, api, id, "assign", await submitted_form(request))


@router.post("/staff/questions/{id}/unassign", include_in_schema=False)
async def unassign(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Give the question back, or free it of a colleague who knows of it."""
    form = await submitted_form(request)
    informed = form.values.get("held_by") if form.values.get("informed") == "yes" else None
    return await _change(page, api, id, "unassign", form, {"informed": str(informed)} if informed else None)


async def _change(
    page: WebPage, api: PublicApi, id: UUID, change: Change, form: Form, body: Document | None = None
) -> Response:
    if not page.signed_in:
        return page.redirect("/sign-in", next=f"/staff/questions/{id}")
    key, etag = idempotency_key(form, [change, str(id), body]), form.text(ETAG) or None
    try:
        await api.send("POST", f"/v1/evidence-requests/{id}/{change}", body, etag=etag, idempotency_key=key)
    except ApiRefusal as error:
        if error.status not in (409, 412):
            raise
        return await render_question(page, api, id, refusal=error)
    return page.redirect(f"/staff/questions/{id}", done=change)
