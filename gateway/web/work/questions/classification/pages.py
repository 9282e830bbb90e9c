"""`/staff/questions/{id}/topics`: how a question is filed. Its words and its urgency are the asker's alone."""

from typing import Any, Final, cast
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.work.questions.differences import describe, find_differences
from gateway.web.work.questions.entries import Entry
from gateway.web.work.questions.field_names import COUNTRY, ETAG, SETTING
from gateway.web.work.questions.question_page import find_topics, render_question
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

MAX_SETTING: Final = 120
MAX_CHOSEN: Final = 20


@router.get("/staff/questions/{id}/topics", include_in_schema=False)
async def show_classification(id: UUID, page: EditorPage, api: Api) -> Response:
    """Show how the question is filed, to be changed."""
    return await _form(page, api, id, None)


@router.post("/staff/questions/{id}/topics", include_in_schema=False)
async def classify(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """File it under these topics. A second press finds that this is done."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=page.here)
    form = await submitted_form(request)
    topics = await find_topics(api)
    chosen = form.choices("topics", topics)
    if len(chosen) > MAX_CHOSEN:
        form.errors["topics"] = page.text("Choose 20 topics or fewer")
    setting = form.text(SETTING, longest=MAX_SETTING, too_long=page.text("Write 120 characters or fewer"))
    body: Document = {"topics": chosen, "setting": setting or None, "country": form.text(COUNTRY) or None}
    refusal: ApiRefusal | None = None
    if not form.errors:
        try:
            await api.send("PATCH", f"/v1/evidence-requests/{id}", body, etag=form.text(ETAG) or None)
        except ApiRefusal as error:
            if error.status == 412 and await _is_filed(api, id, body):
                return page.redirect(f"/staff/questions/{id}", done="topics")
            if error.status not in (409, 412, 422):
                raise
            refusal = error
            if error.status == 422:
                form.add_refusal(error)
        else:
            return page.redirect(f"/staff/questions/{id}", done="topics")
    return await _form(page, api, id, form, refusal=refusal)


async def _is_filed(api: PublicApi, id: UUID, body: Document) -> bool:
    question = await api.get(f"/v1/evidence-requests/{id}")
    return _filing(question) == _filing(body)


def _filing(document: Document) -> tuple[Any, ...]:
    return sorted(cast("list[str]", document["topics"])), document["setting"], document["country"]


async def _form(
    page: WebPage, api: PublicApi, id: UUID, form: Form | None, *, refusal: ApiRefusal | None = None
) -> Response:
    response: ApiResponse = await api.read(f"/v1/evidence-requests/{id}")
    question: Document = response.document
    entry = Entry.of(page, question)
    if not entry.waits:
        return await render_question(page, api, id, refusal=refusal)
    topics = await find_topics(api)
    first = {name: question[name] for name in ("topics", "setting", "country")}
    shown = {"etag": response.etag, "shown": describe(page, entry, topics)}
    differences = find_differences(page, form.values.get("shown"), entry, topics) if form else []
    form = form or Form(first | shown)
    if refusal:
        form.values |= shown
    return page.render(
        "work/questions/templates/topics.html",
        status=refusal.status if refusal else 422 if form.errors else 200,
        form=form,
        entry=entry,
        question=question,
        topics=topics,
        refusal=refusal,
        differences=differences,
    )
