"""`/staff/guides/{id}`: submit, return and publish the next edition, delete it, and confirm or withdraw the guide."""

from datetime import timedelta
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.guides.drafts import find_draft
from gateway.web.work.guides.forms import MAX_TEXT, TOO_LONG, read_text
from gateway.web.work.guides.presenter import show_guide
from shared import clock
from shared.http.conditional_requests import create_router

router = create_router("", "Work on guides")

TEMPLATES: Final = "work/guides/templates"
NEXT_REVIEW: Final = timedelta(days=365)
ReturnJourney = Annotated[Journey, Depends(journey("guide-return"))]
ConfirmJourney = Annotated[Journey, Depends(journey("guide-confirm"))]


@router.post("/staff/guides/{id}/submit", include_in_schema=False)
async def submit_guide(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Hand the next edition to a reviewer."""
    return await _press(request, page, api, id, "submit", done="submitted")


@router.post("/staff/guides/{id}/publish", include_in_schema=False)
async def publish_guide(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Publish the next edition as it was read."""
    return await _press(request, page, api, id, "publish", done="published", as_read=True)


@router.post("/staff/guides/{id}/take-over", include_in_schema=False)
async def take_over_guide(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Become the owner of the guide."""
    return await _press(request, page, api, id, "take-over", done="taken-over")


@router.get("/staff/guides/{id}/return", include_in_schema=False)
async def show_return(id: UUID, page: EditorPage, api: Api, answers: ReturnJourney) -> Response:
    """Ask what the guide needs before it can be published."""
    draft = await find_draft(api, id)
    if draft is None or draft.document["status"] != "review":
        return page.redirect(f"/staff/guides/{id}")
    values = {"key": new_key(), **await restore_answers(answers, id)}
    return page.render(f"{TEMPLATES}/return.html", form=Form(values), guide=draft.document)


@router.post("/staff/guides/{id}/return", include_in_schema=False)
async def return_guide(id: UUID, request: Request, page: EditorForm, api: Api, answers: ReturnJourney) -> Response:
    """Return it to its authors with the reasons."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    too_long = page.text(TOO_LONG[MAX_TEXT])
    missing = page.text("Say what it needs before it can be published")
    body = {"because": read_text(form, "because", missing=missing, longest=MAX_TEXT, too_long=too_long)}
    if not form.errors:
        try:
            await _send(api, f"/v1/guides/{id}/return", form, body)
        except ApiRefusal as error:
            _add_refusal(form, error)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/guides/{id}", done="returned")
    guide = await api.get(f"/v1/guides/{id}")
    return page.render(f"{TEMPLATES}/return.html", status=422, form=form, guide=guide)


@router.get("/staff/guides/{id}/confirm", include_in_schema=False)
async def show_confirm(id: UUID, page: EditorPage, api: Api, answers: ConfirmJourney) -> Response:
    """Ask whether the published edition still holds, and when it is reviewed again."""
    guide = await api.get(f"/v1/guides/{id}")
    if guide["status"] != "published":
        return page.redirect(f"/staff/guides/{id}")
    review_on = (clock.today() + NEXT_REVIEW).isoformat()
    values = {"key": new_key(), "review_on": review_on, **await restore_answers(answers, id)}
    return page.render(f"{TEMPLATES}/confirm.html", form=Form(values), guide=guide)


@router.post("/staff/guides/{id}/confirm", include_in_schema=False)
async def confirm_guide(id: UUID, request: Request, page: EditorForm, api: Api, answers: ConfirmJourney) -> Response:
    """Confirm it until its next review."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    missing = page.text("Give the date by which it is to be reviewed again")
    review_on = form.day("review_on", missing=missing)
    if not form.errors:
        try:
            await _send(api, f"/v1/guides/{id}/confirm", form, {"review_on": review_on})
        except ApiRefusal as error:
            _add_refusal(form, error)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/guides/{id}", done="confirmed")
    guide = await api.get(f"/v1/guides/{id}")
    return page.render(f"{TEMPLATES}/confirm.html", status=422, form=form, guide=guide)


@router.get("/staff/guides/{id}/discard", include_in_schema=False)
async def show_discard(id: UUID, page: EditorPage, api: Api) -> Response:
    """Say what is lost with the next edition, and ask whether that is meant."""
    draft = await find_draft(api, id)
    if draft is None or draft.document["edition"] == 1:
        return page.redirect(f"/staff/guides/{id}")
    form = Form({"etag": draft.etag})
    return page.render(f"{TEMPLATES}/discard.html", form=form, guide=draft.document)


@router.post("/staff/guides/{id}/discard", include_in_schema=False)
async def discard_draft(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Delete the next edition as it was shown; the published one stays."""
    path = f"/staff/guides/{id}"
    if not page.signed_in:
        return page.redirect("/sign-in", next=path)
    form = await submitted_form(request)
    try:
        await api.send("DELETE", f"/v1/guides/{id}/draft", etag=read_text(form, "etag"))
    except ApiRefusal as error:
        if error.status not in (409, 412):
            raise
        return page.redirect(path, done="discarded" if await find_draft(api, id) is None else "changed")
    return page.redirect(path, done="discarded")


@router.get("/staff/guides/{id}/withdraw", include_in_schema=False)
async def show_withdraw(id: UUID, page: EditorPage, api: Api) -> Response:
    """Say what withdrawing a guide means, and ask whether it is meant."""
    guide = await api.get(f"/v1/guides/{id}")
    return page.render(f"{TEMPLATES}/withdraw.html", form=Form({"key": new_key()}), guide=guide)


@router.post("/staff/guides/{id}/withdraw", include_in_schema=False)
async def withdraw_guide(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Withdraw the guide for good. A second press finds that this is done."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=f"/staff/guides/{id}/withdraw")
    form = await submitted_form(request)
    try:
        await _send(api, f"/v1/guides/{id}/withdraw", form, None)
    except ApiRefusal as error:
        if error.status != 410:
            raise
    return page.redirect("/staff/guides", status="withdrawn", done="withdrawn")


async def _press(
    request: Request, page: WebPage, api: PublicApi, id: UUID, verb: str, *, done: str, as_read: bool = False
) -> Response:
    """Do what a button of the guide's page says. What is refused is said on that page, as it is now.

    `as_read`: only what was shown with the button.
    """
    path = f"/staff/guides/{id}"
    if not page.signed_in:
        return page.redirect("/sign-in", next=path)
    form = await submitted_form(request)
    try:
        await _send(api, f"/v1/guides/{id}/{verb}", form, None, etag=read_text(form, "etag") if as_read else None)
    except ApiRefusal as error:
        if error.status not in (403, 409, 412, 422):
            raise
        refused = Form(language=form.language)
        if error.status == 412:
            detail = page.text("Somebody has changed it since you opened this page. Read the current version below.")
        else:
            detail = " ".join(text for text in (f"{error.problem.get('title', '')}.", error.detail) if text)
        refused.errors[""] = detail
        return await show_guide(page, api, id, refused, status=error.status)
    return page.redirect(path, done=done)


async def _send(
    api: PublicApi, path: str, form: Form, body: Document | None, *, etag: str | None = None
) -> ApiResponse:
    return await api.send("POST", path, body, etag=etag, idempotency_key=idempotency_key(form, [path, body]))


def _add_refusal(form: Form, refusal: ApiRefusal) -> None:
    if refusal.status not in (409, 422):
        raise refusal
    form.add_refusal(refusal)
