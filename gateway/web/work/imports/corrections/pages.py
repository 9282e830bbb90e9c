"""`/staff/imports/{id}/rejects/{number}`: the text of a rejected record, to be corrected and sent again."""

import asyncio
from io import BytesIO
from pathlib import PurePath
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from fastapi import Path as FromPath
from starlette.datastructures import UploadFile
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
    """Import the corrected record, with what was chosen for the file that it came in."""
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
        try:
            sent = await _send(api, job, number, text, idempotency_key(form, text))
        except ApiRefusal as error:
            form.add_refusal(error, {"/file": TEXT, "/format": TEXT})
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/imports/{id}/rejects", sent=str(sent["id"]), number=str(number))
    return _page(page, job, reject, form)


async def _load(api: PublicApi, id: UUID, number: int) -> tuple[Document, Document]:
    job, reject = await asyncio.gather(api.get(f"/v1/imports/{id}"), api.get(f"/v1/imports/{id}/rejects/{number}"))
    return job, reject


async def _send(api: PublicApi, job: Document, number: int, text: str, key: str) -> Document:
    content = f"{text}\n".encode()
    name = PurePath(job["file_name"] or "records")
    file = UploadFile(BytesIO(content), size=len(content), filename=f"{name.stem}-{number}{name.suffix}")
    publish = "true" if job["publish"] else "false"
    fields = {"topics": ",".join(job["topics"]), "publish": publish, "format": job["format"]}
    return (await api.send_file("/v1/imports", fields, file, idempotency_key=key)).document


def _page(page: WebPage, job: Document, reject: Document, form: Form) -> Response:
    return page.render(
        "work/imports/templates/reject.html",
        status=422 if form.errors else 200,
        form=form,
        job=job,
        reject=reject,
        is_too_long=len(reject["original"] or "") > MAX_CHARACTERS,
    )
