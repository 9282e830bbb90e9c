"""What an editor does with an item as a whole: publish, withdraw, record a notice, erase the words of a version."""

from functools import partial
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Path, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.languages import text
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.tell.choices import pairs
from gateway.web.work.text_changes import changes_since, describe
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/items/templates"
NATURES: Final = {
    "retraction": text("It was retracted"),
    "correction": text("It was corrected"),
    "expression_of_concern": text("There are concerns about it"),
    "reinstatement": text("An earlier notice no longer applies"),
}
LONGEST_LINE: Final = 300
EditionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
LONGEST_REASON: Final = 2000
WithdrawalJourney = Annotated[Journey, Depends(journey("work-withdrawal"))]
NoticeJourney = Annotated[Journey, Depends(journey("work-notice"))]


@router.get("/staff/evidence/{id}/publish", include_in_schema=False)
async def confirm_publication(id: UUID, page: EditorPage, api: Api) -> Response:
    """Say what becomes public and under which name, and ask."""
    return await _ask(page, api, id, "publish", Form({"key": new_key()}))


@router.post("/staff/evidence/{id}/publish", include_in_schema=False)
async def publish_item(id: UUID, request: Request, page: EditorForm, api: Api, list: str = "") -> Response:
    """Publish it as it was shown, and offer the next draft of the list. A second press finds that it is published."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=page.here)
    form = await submitted_form(request)
    try:
        await _send(api, f"/v1/evidence/{id}/publish", form)
    except ApiRefusal as error:
        item = await api.find(f"/v1/evidence/{id}")
        if item is None:
            return page.redirect(f"/staff/evidence/{id}")
        if item["status"] != "published":
            return await _refused(page, api, id, "publish", form, error)
    return page.redirect(f"/staff/evidence/{id}", done="published", **({"list": list} if list else {}))


@router.get("/staff/evidence/{id}/withdraw", include_in_schema=False)
async def confirm_withdrawal(id: UUID, page: EditorPage, api: Api, answers: WithdrawalJourney) -> Response:
    """Say what withdrawing it does, and ask for the reason, which may be left out."""
    return await _ask(page, api, id, "withdraw", Form({"key": new_key(), **await restore_answers(answers, id)}))


@router.post("/staff/evidence/{id}/withdraw", include_in_schema=False)
async def withdraw_item(id: UUID, request: Request, page: EditorForm, api: Api, answers: WithdrawalJourney) -> Response:
    """Withdraw it for good. A second press finds that it is withdrawn."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    too_long = page.text("This is too long. Use at most %(number)s characters.") % {"number": LONGEST_REASON}
    read_text = form.text
    reason = read_text("reason", longest=LONGEST_REASON, too_long=too_long)
    if form.errors:
        return await _ask(page, api, id, "withdraw", form, status=422)
    try:
        await _send(api, f"/v1/evidence/{id}/withdraw", form, {"reason": reason} if reason else None)
    except ApiRefusal as error:
        if error.status != 410:
            return await _refused(page, api, id, "withdraw", form, error)
    await forget_answers(answers)
    return page.redirect(f"/staff/evidence/{id}", done="withdrawn")


@router.get("/staff/evidence/{id}/notice", include_in_schema=False)
async def show_notice(id: UUID, page: EditorPage, api: Api, answers: NoticeJourney) -> Response:
    """Ask what became of the work, and who says so."""
    return await _ask(page, api, id, "notice", Form({"key": new_key(), **await restore_answers(answers, id)}))


@router.post("/staff/evidence/{id}/notice", include_in_schema=False)
async def record_notice(id: UUID, request: Request, page: EditorForm, api: Api, answers: NoticeJourney) -> Response:
    """Record the notice. The item stays published, with it."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    notice = _read_notice(form, page)
    if not form.errors:
        try:
            await _send(api, f"/v1/evidence/{id}/retract", form, notice)
        except ApiRefusal as error:
            return await _refused(page, api, id, "notice", form, error, status=422)
        await forget_answers(answers)
        return page.redirect(f"/staff/evidence/{id}", done="noticed")
    return await _ask(page, api, id, "notice", form, status=422)


@router.get("/staff/evidence/{id}/versions/{number}/erase", include_in_schema=False)
async def confirm_erasure(id: UUID, number: EditionNumber, page: EditorPage, api: Api) -> Response:
    """Show the words that would be erased, and ask."""
    return await _ask_to_erase(page, api, id, number, Form())


@router.post("/staff/evidence/{id}/versions/{number}/erase", include_in_schema=False)
async def erase_edition(id: UUID, number: EditionNumber, request: Request, page: EditorForm, api: Api) -> Response:
    """Erase the words of an earlier version. A second press finds them erased."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=page.here)
    form = await submitted_form(request)
    try:
        etag = str(form.values.get("etag") or "") or None
        await api.send("DELETE", f"/v1/evidence/{id}/versions/{number}", etag=etag)
    except ApiRefusal as error:
        if error.status != 410 and await api.find(f"/v1/evidence/{id}/versions/{number}"):
            form.add_refusal(error)
            return await _ask_to_erase(page, api, id, number, form, status=error.status)
    return page.redirect(f"/staff/evidence/{id}", done="erased")


async def _send(api: PublicApi, path: str, form: Form, body: Document | None = None) -> None:
    """Send the change for the item as it was shown. Raises ApiRefusal."""
    etag = str(form.values.get("etag") or "") or None
    await api.send("POST", path, body, etag=etag, idempotency_key=idempotency_key(form, [etag, body]))


async def _refused(
    page: WebPage, api: PublicApi, id: UUID, action: str, form: Form, refusal: ApiRefusal, *, status: int | None = None
) -> Response:
    """Ask again, with what was typed; where the item has changed since, with what changed, and for it as it is now."""
    if refusal.status != 412:
        form.add_refusal(refusal)
        return await _ask(page, api, id, action, form, status=status or refusal.status)
    form.errors[""] = page.text("Somebody has changed this since you opened it. Nothing was done.")
    return await _ask(page, api, id, action, form, status=412)


def _read_notice(form: Form, page: WebPage) -> Document:
    nature = form.choice("nature", NATURES, missing=page.text("Choose what happened to the work"))
    too_long = page.text("This is too long. Use at most %(number)s characters.") % {"number": LONGEST_LINE}
    read_text = form.text
    source = read_text("source", missing=page.text("Say who reports it"), longest=LONGEST_LINE, too_long=too_long)
    on, link = form.day("on"), read_text("notice")
    reasons = [line.strip() for line in read_text("reasons").split("\n") if line.strip()]
    is_address = link.startswith(("https://", "http://")) and "doi.org/" not in link
    doi = {"scheme": "doi", "value": link}
    notice = {"notice": link if is_address else doi} if link else {}
    return {"nature": nature, "source": source, "reasons": reasons} | ({"on": on} if on else {}) | notice


async def _ask(page: WebPage, api: PublicApi, id: UUID, action: str, form: Form, status: int = 200) -> Response:
    """Show the form for the item as it was first shown, or where that has changed as it is now."""
    response = await api.read(f"/v1/evidence/{id}")
    item = response.document
    changes = changes_since(form.values.get("shown"), item) if status == 412 else []
    if status == 412 or "etag" not in form.values:
        form.values |= {"etag": response.etag, "shown": describe(item)}
    return page.render(
        f"{TEMPLATES}/{action}.html",
        status=status,
        form=form,
        item=item,
        changes=changes,
        natures=NATURES,
        pairs=partial(pairs, page),
    )


async def _ask_to_erase(
    page: WebPage, api: PublicApi, id: UUID, number: int, form: Form, status: int = 200
) -> Response:
    edition = await api.read(f"/v1/evidence/{id}/versions/{number}")
    item = await api.read(f"/v1/evidence/{id}")
    return page.render(
        f"{TEMPLATES}/erase.html",
        status=status,
        form=form,
        item=item.document,
        edition=edition.document,
        number=number,
        etag=item.etag,
    )
