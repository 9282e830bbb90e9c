"""`/staff/questions/{id}/publish` and `/unpublish`: what everybody reads, in words of staff."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.journey import Journey
from gateway.web.work.questions.differences import describe, find_differences
from gateway.web.work.questions.drafts import draft, forget, keep, restore, sign_in
from gateway.web.work.questions.entries import Entry
from gateway.web.work.questions.field_names import ANSWER, ETAG, QUESTION
from gateway.web.work.questions.question_page import find_topics, render_question
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

MIN_QUESTION: Final = 10
MAX_QUESTION: Final = 1_000
MAX_ANSWER: Final = 20_000
PublicationDraft = Annotated[Journey, Depends(draft("publish"))]


@router.get("/staff/questions/{id}/publish", include_in_schema=False)
async def show_publication(id: UUID, page: EditorPage, api: Api, answers: PublicationDraft) -> Response:
    """Show the form: as it was left, or with what is public, or with the latest answer."""
    values = await restore(answers)
    return await _form(page, api, id, Form(dict(values or {"key": new_key()})), restored=values is not None)


@router.post("/staff/questions/{id}/publish", include_in_schema=False)
async def publish(id: UUID, request: Request, page: EditorForm, api: Api, answers: PublicationDraft) -> Response:
    """Publish the latest answer under these words. Words of the asker are refused at their field."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in(answers, page, form)
    await keep(answers, form)
    question = form.text(
        QUESTION,
        missing=page.text("Write the question in your own words"),
        longest=MAX_QUESTION,
        too_long=page.text("Write the question in 1,000 characters or fewer"),
    )
    if 0 < len(question) < MIN_QUESTION:
        form.errors["question"] = page.text("Write the question in 10 characters or more")
    answer = form.text(
        ANSWER,
        missing=page.text("Write the answer"),
        longest=MAX_ANSWER,
        too_long=page.text("Write the answer in 20,000 characters or fewer"),
    )
    refusal: ApiRefusal | None = None
    if not form.errors:
        body = {"question": question, "answer": answer}
        try:
            await _send(api, id, "publish", form, body)
        except ApiRefusal as error:
            if error.status not in (409, 412, 422):
                raise
            refusal = error
            if error.status == 422:
                form.add_refusal(error)
        else:
            await forget(answers)
            return page.redirect(f"/staff/questions/{id}", done="publish")
    return answers.keep(await _form(page, api, id, form, refusal=refusal))


@router.get("/staff/questions/{id}/unpublish", include_in_schema=False)
async def confirm_unpublish(id: UUID, page: EditorPage, api: Api) -> Response:
    """Say what taking it down means, and ask whether it is meant."""
    response = await api.read(f"/v1/evidence-requests/{id}")
    if not response.document["public"]:
        return page.redirect(f"/staff/questions/{id}")
    form = Form({"key": new_key(), "etag": response.etag})
    return page.render("work/questions/templates/unpublish.html", form=form, question=response.document)


@router.post("/staff/questions/{id}/unpublish", include_in_schema=False)
async def unpublish(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Take it down. Whoever asked still reads the answer."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=page.here)
    form = await submitted_form(request)
    try:
        await _send(api, id, "unpublish", form)
    except ApiRefusal as error:
        if error.status not in (409, 412):
            raise
        return await render_question(page, api, id, refusal=error)
    return page.redirect(f"/staff/questions/{id}", done="unpublish")


async def _send(api: PublicApi, id: UUID, verb: str, form: Form, body: Document | None = None) -> None:
    key, etag = idempotency_key(form, [verb, body]), form.text(ETAG) or None
    await api.send("POST", f"/v1/evidence-requests/{id}/{verb}", body, etag=etag, idempotency_key=key)


async def _form(
    page: WebPage, api: PublicApi, id: UUID, form: Form, *, restored: bool = False, refusal: ApiRefusal | None = None
) -> Response:
    response = await api.read(f"/v1/evidence-requests/{id}")
    topics = await find_topics(api)
    entry = Entry.of(page, response.document)
    if not entry.answered or response.document["status"] == "withdrawn":
        return await render_question(page, api, id, refusal=refusal)
    public: Document = response.document["public"] or {}
    is_outdated = form.values.get("etag") not in (None, response.etag)
    differences = find_differences(page, form.values.get("shown"), entry, topics)
    first = {"question": public.get("question", ""), "answer": public.get("answer") or entry.answered[-1]["answer"]}
    form.values = first | form.values
    if refusal or restored or "etag" not in form.values:
        form.values |= {"etag": response.etag, "shown": describe(page, entry, topics)}
    return page.render(
        "work/questions/templates/publish.html",
        status=refusal.status if refusal else 422 if form.errors else 200,
        form=form,
        entry=entry,
        question=response.document,
        turn=entry.answered[-1],
        refusal=refusal,
        differences=differences,
        restored=restored,
        is_outdated=is_outdated,
    )
