"""`/contributions/{id}/words`: change the words of one's own draft, or propose other words for what is published."""

from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.contributions.own_items import read_own
from gateway.web.descriptions.descriptions import (
    Merged,
    add_refusal,
    changes_of,
    merge_changes,
    read_description,
    show_description,
)
from gateway.web.descriptions.fields import WORDS, Field
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import PublicPage, SignedInPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.tell.choices import FIELDS
from shared.http.conditional_requests import create_router

router = create_router("", "Contributions")

TEMPLATE: Final = "contributions/templates/words.html"
WordsJourney = Annotated[Journey, Depends(journey("contribution-words"))]


@router.get("/contributions/{id}/words", include_in_schema=False)
async def show_words(id: UUID, page: SignedInPage, api: Api, answers: WordsJourney) -> Response:
    """Show the words that stand, or those that wait for an editor, to be changed."""
    response = await read_own(api, id)
    item, waiting = response.document, await _waiting_words(api, id)
    proposed = {change["field"]: change["after"] for change in waiting.document["changes"]} if waiting else {}
    shown = show_description(_fields_of(item), item)
    for field in _fields_of(item):
        if field.name in proposed:
            shown |= field.show(proposed[field.name])
    values = shown | {"etag": response.etag, "key": new_key()} | await restore_answers(answers, id)
    return _render(page, item, Form(values), waiting=waiting)


@router.post("/contributions/{id}/words", include_in_schema=False)
async def change_words(id: UUID, request: Request, page: PublicPage, api: Api, answers: WordsJourney) -> Response:
    """Save the words of a draft, or send them to an editor in place of those that wait."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    response = await read_own(api, id)
    item, fields = response.document, _fields_of(response.document)
    description = read_description(form, page, fields)
    waiting = await _waiting_words(api, id)
    if form.values.get("etag") != response.etag:
        return await _merge(page, response, form, answers, waiting)
    changes = {} if form.errors else changes_of(fields, item, description)
    done = "words" if item["status"] == "draft" else "proposed"
    if waiting and not changes and not form.errors:
        form.errors = {"": page.text("You have not changed anything yet. Change your words, or leave this page.")}
    if form.errors:
        return _render(page, item, form, status=422, waiting=waiting)
    if changes and not (waiting and _proposes(waiting.document, changes)):
        try:
            await _save(api, id, form, response.etag, changes, waiting)
        except ApiRefusal as error:
            if error.slug == "precondition-failed" and waiting is None:
                return await _merge(page, await read_own(api, id), form, answers, waiting)
            add_refusal(form, error, page)
            return _render(page, item, form, status=422, waiting=await _waiting_words(api, id))
    await forget_answers(answers)
    return page.redirect(f"/contributions/{id}", done=done)


async def _save(
    api: PublicApi, id: UUID, form: Form, etag: str | None, changes: Document, waiting: ApiResponse | None
) -> None:
    """Send the words; in place of those that wait, as they were shown. Raises ApiRefusal."""
    if waiting is None:
        await api.send("PATCH", f"/v1/evidence/{id}", changes, etag=etag)
        return
    path = f"/v1/evidence/proposals/{waiting.document['id']}/replace"
    tag = str(form.values.get("proposal_etag") or '""')
    await api.send("POST", path, changes, etag=tag, idempotency_key=idempotency_key(form, changes))


async def _merge(
    page: WebPage, response: ApiResponse, form: Form, answers: Journey, waiting: ApiResponse | None
) -> Response:
    """Show what was written beside what stands now. Where nothing differs, it was saved by an earlier press."""
    item, fields = response.document, _fields_of(response.document)
    merged = merge_changes(form, fields, item)
    form.values["etag"] = response.etag
    if not changes_of(fields, item, {field.name: field.read(form.values) for field in fields}):
        await forget_answers(answers)
        return page.redirect(f"/contributions/{item['id']}", done="words")
    form.errors = {"": page.text("This changed while you were writing. Your changes are not saved yet.")}
    return _render(page, item, form, status=412, waiting=waiting, merged=merged)


async def _waiting_words(api: PublicApi, id: UUID) -> ApiResponse | None:
    """Return the words of the caller that wait for an editor, with their ETag."""
    proposals = await api.get("/v1/evidence/proposals", item=id, waiting_for="editor")
    path = "/v1/evidence/proposals"
    return await api.read(f"{path}/{proposals['items'][0]['id']}") if proposals["items"] else None


def _proposes(proposal: Document, changes: Document) -> bool:
    """Return whether the words that wait are these: a second press of the button."""
    return {change["field"]: change["after"] for change in proposal["changes"]} == changes


def _fields_of(item: Document) -> list[Field]:
    """Return the fields that hold a person's words, as the person is asked for them."""
    return [
        replace(field, label=FIELDS[field.name], hint=None)
        for field in WORDS[item["way_of_knowing"]]
        if field.name in FIELDS
    ]


def _render(
    page: WebPage,
    item: Document,
    form: Form,
    *,
    status: int = 200,
    waiting: ApiResponse | None = None,
    merged: Merged | None = None,
) -> Response:
    return page.render(
        TEMPLATE, status=status, form=form, item=item, fields_shown=_fields_of(item), waiting=waiting, merged=merged
    )
