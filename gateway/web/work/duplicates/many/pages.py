"""`/staff/duplicates/many`: choose groups that are alike, see what would become of each, confirm, follow it."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.addresses import next_page
from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.filters import import_choices
from gateway.web.work.item_fields import FIELDS, field_text, topic_names
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/duplicates/many/templates"
PAGE_STEPS: Final = 20
SHOWN_CHANGES: Final = 5
STATUSES: Final = ("planned", "done", "left")
ManyJourney = Annotated[Journey, Depends(journey("duplicates-many"))]
POINTERS: Final = {
    "/selection/judgement": "judgement",
    "/selection/topic": "topic",
    "/selection/import": "import",
    "/selection/min_similarity": "min_similarity",
    "/selection/max_similarity": "max_similarity",
}


@router.get("/staff/duplicates/many", include_in_schema=False)
async def choose_groups(page: EditorPage, api: Api, answers: ManyJourney) -> Response:
    """Ask which groups, and what is to become of them."""
    saved = await answers.load()
    values = saved.values if saved else {}
    return await _choose(page, api, Form({"key": new_key(), "min_similarity": "0", "max_similarity": "100", **values}))


@router.post("/staff/duplicates/many", include_in_schema=False)
async def preview(request: Request, page: EditorForm, api: Api, answers: ManyJourney) -> Response:
    """Ask for the preview. Nothing changes."""
    form = await submitted_form(request)
    if not page.signed_in:
        await answers.save(**form.values)
        return answers.sign_in(page)
    body = _read_request(form, page)
    if not form.errors:
        try:
            key = idempotency_key(form, body)
            response = await api.send("POST", "/v1/bulk-changes", body, idempotency_key=key)
        except ApiRefusal as error:
            if error.status != 422:
                raise
            form.add_refusal(error, POINTERS)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/duplicates/many/{response.document['id']}")
    return await _choose(page, api, form)


@router.get("/staff/duplicates/many/{id}", include_in_schema=False)
async def show_many(
    id: UUID, page: EditorPage, api: Api, status: str | None = None, cursor: str | None = None
) -> Response:
    """Show what would become of each group, or what has become of it."""
    return await _show(page, api, id, Form({"key": new_key()}), status=status, cursor=cursor)


@router.post("/staff/duplicates/many/{id}", include_in_schema=False)
async def confirm(id: UUID, request: Request, page: EditorForm, api: Api, answers: ManyJourney) -> Response:
    """Have exactly what was shown done, in the background."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    try:
        key = idempotency_key(form, None)
        await api.send("POST", f"/v1/bulk-changes/{id}/confirm", etag=form.text("etag"), idempotency_key=key)
    except ApiRefusal as error:
        if error.status not in (409, 412):
            raise
        form.add_refusal(error)
        return await _show(page, api, id, form, code=error.status)
    return page.redirect(f"/staff/duplicates/many/{id}")


def _read_request(form: Form, page: WebPage) -> dict[str, Any]:
    judgement = form.choice("judgement", ("duplicate", "maybe"), missing=page.text("Choose how similar they are"))
    decision = form.choice("decision", ("merge", "different"), missing=page.text("Choose what to do with them"))
    selection: dict[str, Any] = {"judgement": judgement}
    for name in ("min_similarity", "max_similarity"):
        number = form.text(name)
        if number and not (number.isdecimal() and len(number) <= 3 and int(number) <= 100):
            form.errors[name] = page.text("Write a number from 0 to 100")
        elif number:
            selection[name] = int(number)
    for name in ("topic", "import"):
        if value := form.text(name):
            selection[name] = value
    return {"kind": "duplicates", "selection": selection, "decision": decision}


async def _choose(page: WebPage, api: PublicApi, form: Form) -> Response:
    topics, imports, earlier = await asyncio.gather(
        topic_names(api),
        import_choices(page, api, str(form.values.get("import") or "")),
        api.find_aside("/v1/bulk-changes", limit=PAGE_STEPS),
    )
    return page.render(
        f"{TEMPLATES}/choose.html",
        status=422 if form.errors else 200,
        form=form,
        topics=topics,
        imports=imports,
        earlier=[change for change in earlier.get("items", ()) if change["kind"] == "duplicates"],
    )


async def _show(
    page: WebPage,
    api: PublicApi,
    id: UUID,
    form: Form,
    *,
    status: str | None = None,
    cursor: str | None = None,
    code: int = 200,
) -> Response:
    response = await api.read(f"/v1/bulk-changes/{id}")
    change = response.document
    shown = status if status in STATUSES else "planned" if change["status"] == "previewed" else "done"
    steps, topics = await asyncio.gather(
        api.get(f"/v1/bulk-changes/{id}/steps", status=shown, cursor=cursor, limit=PAGE_STEPS), topic_names(api)
    )
    for step in steps["items"]:
        step["received"] = [_received(page, changed, topics) for changed in step["changes"][:SHOWN_CHANGES]]
    return page.render(
        f"{TEMPLATES}/many.html",
        status=code,
        form=form,
        change=change,
        topics=topics,
        etag=response.etag,
        shown=shown,
        steps=steps["items"],
        following=next_page(f"/staff/duplicates/many/{id}", steps.get("next")),
    )


def _received(page: WebPage, changed: Document, topics: dict[str, str]) -> tuple[str, str]:
    name = str(changed["field"])
    return page.text(FIELDS.get(name, name)), field_text(page, name, changed["after"], topics)
