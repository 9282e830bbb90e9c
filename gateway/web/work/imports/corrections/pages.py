"""`/staff/imports/{id}/rejects/{number}`: the text of a rejected record, to be corrected and sent again."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from fastapi import Path as FromPath
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEXT: Final = "text"
MAX_CHARACTERS: Final = 100_000
"""What is longer is corrected in a program, not on a page."""
SENT_AGAIN: Final = "already-sent-again"
Number = Annotated[int, FromPath(ge=1, le=2**31 - 1)]
Correction = Annotated[Journey, Depends(journey("import-reject"))]


@router.get("/staff/imports/{id}/rejects/{number}", include_in_schema=False)
async def show_reject(id: UUID, number: Number, page: EditorPage, api: Api, answers: Correction) -> Response:
    """Show the record as it came, or as it was corrected before the session ended."""
    job, reject = await _load(api, id, number)
    saved = await restore_answers(answers, id)
    values = saved if saved.get("number") == str(number) else {TEXT: reject["original"] or "", "key": new_key()}
    return _page(page, job, reject, Form(values | {"number": str(number)}))


@router.post("/staff/imports/{id}/rejects/{number}", include_in_schema=False)
async def send_again(
    request: Request, id: UUID, number: Number, page: EditorForm, api: Api, answers: Correction
) -> Response:
    """Import the corrected record. Where somebody else did so meanwhile, show what became of it, and what was typed."""
    form = await submitted_form(request)
    form.values["number"] = str(number)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    job, reject = await _load(api, id, number)
    text = form.text(
        TEXT,
        missing=page.text("Write the record"),
        longest=MAX_CHARACTERS,
        too_long=page.text("A record on this page can have up to 100,000 characters. Import a file instead."),
    )
    if not form.errors:
        path = f"/v1/imports/{id}/rejects/{number}/correct"
        try:
            await api.send("POST", path, {"file": text}, idempotency_key=idempotency_key(form, text))
        except ApiRefusal as error:
            if error.slug == SENT_AGAIN:
                job, reject = await _load(api, id, number)
                return _page(page, job, reject, form, status=409)
            form.add_refusal(error, {"/file": TEXT, "/format": TEXT})
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/imports/{id}/rejects", sent=str(number))
    return _page(page, job, reject, form)


async def _load(api: PublicApi, id: UUID, number: int) -> tuple[Document, Document]:
    job, reject = await asyncio.gather(api.get(f"/v1/imports/{id}"), api.get(f"/v1/imports/{id}/rejects/{number}"))
    return job, reject


def _page(page: WebPage, job: Document, reject: Document, form: Form, *, status: int = 200) -> Response:
    return page.render(
        "work/imports/templates/reject.html",
        status=422 if form.errors else status,
        form=form,
        job=job,
        reject=reject,
        is_refused=status == 409,
        is_too_long=len(reject["original"] or "") > MAX_CHARACTERS,
    )
