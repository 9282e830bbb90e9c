"""`/staff/evidence/new` and `/staff/evidence/{id}/edit`: forms for an item of each way of knowing."""

from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.descriptions.descriptions import (
    Merged,
    add_refusal,
    changes_of,
    merge_changes,
    read_description,
    show_description,
)
from gateway.web.descriptions.fields import LIBRARY, WORDS, Field
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.tell.choices import pairs
from gateway.web.vocabulary import WAYS
from gateway.web.work.items.descriptions import agreements
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/items/templates"
MAX_TOPICS: Final = 200
NEW: Final = {way: UUID(int=number) for number, way in enumerate(WAYS, 1)}
"""What the answers of a form about no item yet are about."""

ItemJourney = Annotated[Journey, Depends(journey("work-item"))]


@router.get("/staff/evidence/new", include_in_schema=False)
async def show_new_item(page: EditorPage, api: Api, answers: ItemJourney, way: str = "") -> Response:
    """Ask for the way of knowing, then for what it says."""
    if way not in WAYS:
        return page.render(f"{TEMPLATES}/ways.html", pairs=partial(pairs, page))
    values = {"language": "en", "kind": "journal_article", "attribution": "anonymous", "key": new_key()}
    return await _render_new(page, api, way, Form(values | await restore_answers(answers, NEW[way])))


@router.post("/staff/evidence/new", include_in_schema=False)
async def add_item(request: Request, page: EditorForm, api: Api, answers: ItemJourney, way: str = "") -> Response:
    """Add a draft. A second press of the button adds nothing."""
    if way not in WAYS:
        return page.redirect("/staff/evidence/new")
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, NEW[way], form)
    description = read_description(form, page, _fields_of(way))
    agreement = agreements.read(form, page, way)
    if not form.errors:
        filled = {name: value for name, value in description.items() if value not in (None, [])}
        body = {"way_of_knowing": way, **filled, **agreement}
        try:
            added = await api.send("POST", "/v1/evidence", body, idempotency_key=idempotency_key(form, body))
        except ApiRefusal as error:
            add_refusal(form, error, page)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/evidence/{added.document['id']}", done="added")
    return await _render_new(page, api, way, form, status=422)


@router.get("/staff/evidence/{id}/edit", include_in_schema=False)
async def show_edit(id: UUID, page: EditorPage, api: Api, answers: ItemJourney) -> Response:
    """Show the form with what the item says, or with what was written when a session ended."""
    response = await api.read(f"/v1/evidence/{id}")
    shown = show_description(_fields_of(response.document["way_of_knowing"]), response.document)
    values = shown | {"etag": response.etag} | await restore_answers(answers, id)
    return await _render_edit(page, api, response, Form(values))


@router.post("/staff/evidence/{id}/edit", include_in_schema=False)
async def change_item(id: UUID, request: Request, page: EditorForm, api: Api, answers: ItemJourney) -> Response:
    """Save what was changed. What somebody else changed meanwhile is neither lost nor overwritten unseen."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    response = await api.read(f"/v1/evidence/{id}")
    fields = _fields_of(response.document["way_of_knowing"])
    description = read_description(form, page, fields)
    if form.values.get("etag") != response.etag:
        return await _merge(page, api, response, form, answers)
    if form.errors:
        return await _render_edit(page, api, response, form, status=422)
    changes = changes_of(fields, response.document, description)
    done = "nothing"
    if changes:
        try:
            saved = await _save(api, id, form, response.etag, changes)
        except ApiRefusal as error:
            return await _show_refusal(page, api, response, form, answers, error, changes)
        done = "proposed" if saved.status in (201, 202) else "changed"
    await forget_answers(answers)
    return page.redirect(f"/staff/evidence/{id}", done=done)


async def _show_refusal(
    page: WebPage,
    api: PublicApi,
    response: ApiResponse,
    form: Form,
    answers: Journey,
    error: ApiRefusal,
    changes: Document,
) -> Response:
    """Show the form with what the API refused; words that wait already by an earlier press are no refusal."""
    id = UUID(response.document["id"])
    if error.slug == "precondition-failed" and not form.values.get("replace"):
        return await _merge(page, api, await api.read(f"/v1/evidence/{id}"), form, answers)
    waiting = await _waiting_words(api, id)
    if error.status == 409 and waiting and _proposes(waiting.document, changes):
        await forget_answers(answers)
        return page.redirect(f"/staff/evidence/{id}", done="proposed")
    add_refusal(form, error, page)
    return await _render_edit(page, api, response, form, status=error.status, waiting=waiting)


async def _save(api: PublicApi, id: UUID, form: Form, etag: str | None, changes: Document) -> ApiResponse:
    """Send the change; in place of words of the same editor that wait, where that was chosen. Raises ApiRefusal."""
    waiting = await _waiting_words(api, id) if form.values.get("replace") else None
    if waiting and form.values["replace"] == waiting.document["id"]:
        path, tag = f"/v1/evidence/proposals/{waiting.document['id']}/replace", form.values.get("proposal_etag")
        return await api.send("POST", path, changes, etag=str(tag), idempotency_key=idempotency_key(form, changes))
    return await api.send("PATCH", f"/v1/evidence/{id}", changes, etag=etag)


async def _merge(page: WebPage, api: PublicApi, response: ApiResponse, form: Form, answers: Journey) -> Response:
    """Show what was written beside what stands now. Where nothing differs, it was saved by an earlier press."""
    fields = _fields_of(response.document["way_of_knowing"])
    merged = merge_changes(form, fields, response.document)
    form.values["etag"] = response.etag
    if not changes_of(fields, response.document, {field.name: field.read(form.values) for field in fields}):
        await forget_answers(answers)
        return page.redirect(f"/staff/evidence/{response.document['id']}", done="changed")
    form.errors = {"": page.text("Somebody changed this while you were writing. Nothing of yours is saved yet.")}
    return await _render_edit(page, api, response, form, status=412, merged=merged)


async def _waiting_words(api: PublicApi, id: UUID) -> ApiResponse | None:
    """Return the words of an editor that wait for an answer, with their ETag."""
    proposals = await api.get("/v1/evidence/proposals", item=id, waiting_for="contributor")
    path = "/v1/evidence/proposals"
    return await api.read(f"{path}/{proposals['items'][0]['id']}") if proposals["items"] else None


def _proposes(proposal: Document, changes: Document) -> bool:
    """Return whether the words that wait are these: a second press of the button."""
    waiting: dict[str, Any] = {change["field"]: change["after"] for change in proposal["changes"]}
    return waiting == {name: value for name, value in changes.items() if name in waiting}


def _fields_of(way: str) -> tuple[Field, ...]:
    return (*WORDS[way], *LIBRARY[way])


async def _topics(api: PublicApi) -> dict[str, str]:
    topics = await api.find_aside("/v1/topics", limit=MAX_TOPICS)
    return {topic["id"]: topic["name"] for topic in topics.get("items", ())}


async def _render_new(page: WebPage, api: PublicApi, way: str, form: Form, status: int = 200) -> Response:
    return page.render(
        f"{TEMPLATES}/new.html",
        status=status,
        form=form,
        way=way,
        words_fields=WORDS[way],
        library_fields=LIBRARY[way],
        topics=await _topics(api),
        agreements=agreements,
        pairs=partial(pairs, page),
    )


async def _render_edit(
    page: WebPage,
    api: PublicApi,
    response: ApiResponse,
    form: Form,
    *,
    status: int = 200,
    merged: Merged | None = None,
    waiting: ApiResponse | None = None,
) -> Response:
    item = response.document
    way = item["way_of_knowing"]
    if waiting is None:
        waiting = await _waiting_words(api, UUID(item["id"]))
    return page.render(
        f"{TEMPLATES}/edit.html",
        status=status,
        form=form,
        item=item,
        words_fields=WORDS[way],
        library_fields=LIBRARY[way],
        topics=await _topics(api),
        merged=merged,
        waiting=waiting,
        is_proposed=agreements.words_are_proposed(item),
        key=new_key(),
    )
