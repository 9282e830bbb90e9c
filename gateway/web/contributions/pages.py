"""`/contributions`: what somebody told, what became of it, proposals for its words, its consent, taking it back."""

import asyncio
from functools import partial
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.contributions.own_items import find_contribution, read_own
from gateway.web.contributions.word_changes import compare, text_of
from gateway.web.forms import Form, submitted_form
from gateway.web.layout.page import PublicPage, SignedInPage, WebPage
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.tell import choices
from gateway.web.tell.questions import LONGEST_NAME, check_text
from shared.http.conditional_requests import create_router
from shared.persistence.tables import new_id

router = create_router("", "Contributions")

TEMPLATES: Final = "contributions/templates"
LONGEST_REASON: Final = 2000
PAGE_ITEMS: Final = 20
Changes = Annotated[Journey, Depends(journey("contribution"))]


@router.get("/contributions", include_in_schema=False)
async def list_contributions(page: SignedInPage, api: Api, cursor: str | None = None) -> Response:
    """List what the caller told, the newest first."""
    contributions = await api.get("/v1/contributions", limit=PAGE_ITEMS, cursor=cursor)
    following = contributions.get("next")
    return page.render(
        f"{TEMPLATES}/contributions.html",
        contributions=contributions["items"],
        following=f"/contributions?{urlsplit(following).query}" if following else None,
    )


@router.get("/contributions/{id}", include_in_schema=False)
async def show_contribution(
    id: UUID, page: SignedInPage, api: Api, answers: Changes, sent: bool = False, done: str | None = None
) -> Response:
    """Show one of them: its state, proposals that wait for an answer, and what became of it."""
    saved = await answers.load()
    values = saved.values if saved and saved.values.get("item") == str(id) else {}
    return await _show(page, api, id, Form(dict(values)), sent=sent, done=done)


@router.post("/contributions/{id}/proposals/{proposal_id}", include_in_schema=False)
async def answer_proposal(
    request: Request, id: UUID, proposal_id: UUID, page: PublicPage, api: Api, answers: Changes
) -> Response:
    """Accept or decline the words that an editor proposes, as they were shown."""
    form = await submitted_form(request)
    check_text("reason", LONGEST_REASON)(form, page)
    if not page.signed_in:
        await answers.save(item=str(id), reason=form.values["reason"])
        return answers.keep(page.redirect("/sign-in", next=f"/contributions/{id}"))
    decision = form.choice("decision", ("accept", "decline"), missing=page.text("Choose yes or no"))
    if not form.errors:
        body = {"reason": form.values["reason"]} if decision == "decline" and form.values["reason"] else None
        try:
            await _send(api, f"/v1/evidence/proposals/{proposal_id}/{decision}", form, body)
        except ApiRefusal as error:
            form.add_refusal(error)
        else:
            await answers.begin()
            return page.redirect(f"/contributions/{id}", done=str(decision))
    return await _show(page, api, id, form)


@router.get("/contributions/{id}/consent", include_in_schema=False)
async def show_consent(id: UUID, page: SignedInPage, api: Api, answers: Changes) -> Response:
    """Show who may see it and how the person is named, to be changed."""
    response = await read_own(api, id)
    saved = await answers.load()
    changed = saved.values if saved and saved.values.get("item") == str(id) else {}
    values = {**_agreement(response.document), **{name: text for name, text in changed.items() if name != "reason"}}
    return _consent_page(page, response, Form(values | {"etag": response.etag}))


@router.post("/contributions/{id}/consent", include_in_schema=False)
async def change_consent(request: Request, id: UUID, page: PublicPage, api: Api, answers: Changes) -> Response:
    """Change it, everywhere and at once. To end publication is to take it back for good: that is asked once more."""
    form = await submitted_form(request)
    if not page.signed_in:
        names = ("to_publish", "attribution", "name")
        await answers.save(item=str(id), **{name: form.values.get(name) or "" for name in names})
        return answers.sign_in(page)
    response = await read_own(api, id)
    item = response.document
    way, form.values["way"] = item["way_of_knowing"], item["way_of_knowing"]
    if way == "lived_experience":
        published = form.choice("to_publish", choices.CONSENT, missing=page.text("Choose who may see it"))
        if published == "no" and item["status"] == "published":
            return page.redirect(f"/contributions/{id}/withdraw")
    chosen = form.choice("attribution", choices.NAMING[way], missing=page.text("Choose how you want to be named"))
    check_text("name", LONGEST_NAME)(form, page)
    name = form.values["name"]
    if chosen not in (None, "anonymous") and not name:
        form.errors["name"] = page.text("Write the name that we may show")
    if not form.errors:
        etag = str(form.values.get("etag") or "")
        named = {"attribution": chosen, "name": None if chosen == "anonymous" else name}
        try:
            if way == "lived_experience":
                acting = {field: item["consent"][field] for field in ("given_by", "basis")}
                body = acting | named | {"to_publish": form.values["to_publish"] == "yes"}
                await api.send("PUT", f"/v1/evidence/{id}/consent", body, etag=etag)
            else:
                await api.send("PUT", f"/v1/evidence/{id}/credit", named, etag=etag)
        except ApiRefusal as error:
            form.add_refusal(error)
        else:
            await answers.begin()
            return page.redirect(f"/contributions/{id}", done="consent")
    return _consent_page(page, response, form)


@router.get("/contributions/{id}/withdraw", include_in_schema=False)
async def confirm_withdrawal(id: UUID, page: SignedInPage, api: Api) -> Response:
    """Say what taking it back means, and ask whether it is meant."""
    response = await read_own(api, id)
    return page.render(f"{TEMPLATES}/withdraw.html", item=response.document, form=Form(), key=new_id())


@router.post("/contributions/{id}/withdraw", include_in_schema=False)
async def withdraw(request: Request, id: UUID, page: PublicPage, api: Api) -> Response:
    """Take it back for good, however an editor has changed it meanwhile: it stays the person's own."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=page.here)
    form = await submitted_form(request)
    await find_contribution(api, id)
    try:
        await _send(api, f"/v1/evidence/{id}/withdraw", form)
    except ApiRefusal as error:
        if error.status != 410:
            raise
    return page.redirect(f"/contributions/{id}", done="withdrawn")


async def _send(api: PublicApi, path: str, form: Form, body: Document | None = None) -> ApiResponse:
    """Send a change with the key and the ETag of the form: a second press of its button gets the first's answer."""
    key, etag = (str(form.values.get(name) or "") or None for name in ("key", "etag"))
    return await api.send("POST", path, body, etag=etag, idempotency_key=key)


async def _show(
    page: WebPage, api: PublicApi, id: UUID, form: Form, *, sent: bool = False, done: str | None = None
) -> Response:
    contribution = await find_contribution(api, id)
    if contribution["item"]["status"] == "withdrawn":
        return page.render(f"{TEMPLATES}/withdrawn.html", done=done, tombstone=await _tombstone(api, id))
    if contribution["item"]["status"] == "merged":
        return page.redirect(f"/evidence/{id}")
    item, proposals = await asyncio.gather(
        api.get(f"/v1/evidence/{id}"), api.get("/v1/evidence/proposals", item=id, limit=PAGE_ITEMS)
    )
    waiting = [proposal for proposal in proposals["items"] if proposal["waiting_for"] == "contributor"]
    etags = await asyncio.gather(*(api.read(f"/v1/evidence/proposals/{proposal['id']}") for proposal in waiting))
    return page.render(
        f"{TEMPLATES}/contribution.html",
        status=422 if form.errors else 200,
        form=form,
        choices=choices,
        item=item,
        contribution=contribution,
        sent=sent,
        done=done,
        key=new_id(),
        waiting=[
            {"proposal": proposal, "etag": read.etag, "changes": _changes(page, proposal)}
            for proposal, read in zip(waiting, etags, strict=True)
        ],
        answered=[proposal for proposal in proposals["items"] if proposal["status"] in ("accepted", "declined")],
        by_editor=[proposal for proposal in proposals["items"] if proposal["waiting_for"] == "editor"],
    )


async def _tombstone(api: PublicApi, id: UUID) -> Document:
    """Return what is left of what was withdrawn: by whom, and why."""
    try:
        await api.get(f"/v1/evidence/{id}")
    except ApiRefusal as error:
        return error.problem.get("tombstone") or {}
    return {}


def _changes(page: WebPage, proposal: Document) -> list[dict[str, Any]]:
    return [
        {
            "label": page.text(choices.FIELDS.get(str(change["field"]), str(change["field"]))),
            "texts": compare(text_of(change["before"]), text_of(change["after"])),
        }
        for change in proposal["changes"]
    ]


def _agreement(item: Document) -> dict[str, Any]:
    agreement: Document = item.get("consent") or item.get("credit") or {}
    values = {"attribution": agreement.get("attribution") or "anonymous", "name": agreement.get("name") or ""}
    return values | {"way": item["way_of_knowing"], "to_publish": "yes" if agreement.get("to_publish") else "no"}


def _consent_page(page: WebPage, response: ApiResponse, form: Form) -> Response:
    return page.render(
        f"{TEMPLATES}/consent.html",
        status=422 if form.errors else 200,
        form=form,
        choices=choices,
        pairs=partial(choices.pairs, page),
        item=response.document,
        way=response.document["way_of_knowing"],
        etag=response.etag if form.errors else form.values["etag"],
    )
