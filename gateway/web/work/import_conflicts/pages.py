"""`/staff/import-conflicts`: what the library says beside what a file says; decided singly or several at once."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.responses import Response

from gateway.web.addresses import find_page
from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.contributions.word_changes import compare
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.lists import next_page
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.filters import chosen_filters, harvest_choices, import_choices
from gateway.web.work.import_conflicts.decisions import decide_all, shown_from, shown_value
from gateway.web.work.item_fields import FIELDS, field_text, topic_names
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/import_conflicts/templates"
FILTERS: Final = ("status", "import", "harvest", "item", "field")
PAGE_CONFLICTS: Final = 20
VALUES: Final = ("record", "ours")
ConflictJourney = Annotated[Journey, Depends(journey("conflict"))]
ResultJourney = Annotated[Journey, Depends(journey("conflicts-result"))]
Chosen = Annotated[Sequence[UUID], Query()]


@router.get("/staff/import-conflicts", include_in_schema=False)
async def list_conflicts(request: Request, page: EditorPage, api: Api, done: str | None = None) -> Response:
    """List the differences that wait, or those that were decided."""
    query = request.query_params
    filters = chosen_filters(query, FILTERS)
    form = Form({name: query.get(name, "") for name in FILTERS} | {"status": query.get("status") or "open"})
    conflicts: Document = {}
    try:
        conflicts = await api.get(
            "/v1/import-conflicts", limit=PAGE_CONFLICTS, count=True, cursor=query.get("cursor"), **filters
        )
    except ApiRefusal as error:
        if error.status != 422:
            raise
        form.add_refusal(error, {f"?{name}": name for name in FILTERS})
    topics, imports, harvests, item = await asyncio.gather(
        _topics(api, conflicts.get("items", ())),
        import_choices(page, api, filters.get("import")),
        harvest_choices(page, api, filters.get("harvest")),
        _item(api, filters.get("item")),
    )
    return page.render(
        f"{TEMPLATES}/conflicts.html",
        status=422 if form.errors else 200,
        form=form,
        conflicts=[_view(page, conflict, topics) for conflict in conflicts.get("items", ())],
        total=conflicts.get("total"),
        following=next_page(conflicts),
        query=urlencode(filters),
        imports=imports,
        harvests=harvests,
        item=item,
        without_item=f"/staff/import-conflicts?{urlencode({**filters, 'item': ''})}",
        field_names=[(name, page.text(label)) for name, label in FIELDS.items()],
        done=done,
    )


@router.get("/staff/import-conflicts/check", include_in_schema=False)
async def check_several(
    page: EditorPage,
    api: Api,
    conflict: Chosen = (),
    value: str = "",
) -> Response:
    """Show what would become of each that was chosen, before it is done."""
    if not conflict or value not in VALUES:
        return page.redirect("/staff/import-conflicts", done="nothing")
    responses = await asyncio.gather(
        *(api.read(f"/v1/import-conflicts/{id}") for id in list(dict.fromkeys(conflict))[:PAGE_CONFLICTS])
    )
    topics = await _topics(api, [response.document for response in responses])
    lines = [
        _view(page, response.document, topics) | {"shown": shown_value(response)}
        for response in responses
        if response.document["status"] == "open"
    ]
    return page.render(
        f"{TEMPLATES}/check.html",
        form=Form({"key": new_key()}),
        lines=lines,
        decided=len(responses) - len(lines),
        value=value,
    )


@router.post("/staff/import-conflicts/check", include_in_schema=False)
async def decide_several(request: Request, page: EditorForm, api: Api, answers: ResultJourney) -> Response:
    """Decide each as it was shown, one after the other, and tell of each what became of it."""
    form = await submitted_form(request)
    value = form.choice("value", VALUES)
    shown = shown_from(form)
    if not page.signed_in:
        query = urlencode([("value", value or ""), *(("conflict", line.id) for line in shown)])
        return page.redirect("/sign-in", next=f"/staff/import-conflicts/check?{query}")
    if value is None or not shown:
        return page.redirect("/staff/import-conflicts", done="nothing")
    results = await decide_all(api, form, shown[:PAGE_CONFLICTS], value)
    await answers.begin(results=[{"id": result.id, "reason": result.reason} for result in results])
    return answers.keep(page.redirect("/staff/import-conflicts/result"))


@router.get("/staff/import-conflicts/result", include_in_schema=False)
async def show_result(page: EditorPage, api: Api, answers: ResultJourney) -> Response:
    """Show of each that was decided what became of it."""
    saved = await answers.load()
    results: list[Document] = saved.values.get("results", []) if saved else []
    if not results:
        return page.redirect("/staff/import-conflicts")
    conflicts = await asyncio.gather(*(api.find(f"/v1/import-conflicts/{result['id']}") for result in results))
    lines = [
        _view(page, conflict, {}) | {"reason": result["reason"]}
        for result, conflict in zip(results, conflicts, strict=True)
        if conflict
    ]
    return page.render(f"{TEMPLATES}/result.html", lines=lines)


@router.get("/staff/import-conflicts/{id}", include_in_schema=False)
async def show_conflict(id: UUID, request: Request, page: EditorPage, api: Api, answers: ConflictJourney) -> Response:
    """Show one difference, to be decided."""
    return await _show(page, api, id, request, Form({"key": new_key(), **await restore_answers(answers, id)}))


@router.post("/staff/import-conflicts/{id}", include_in_schema=False)
async def decide_conflict(id: UUID, request: Request, page: EditorForm, api: Api, answers: ConflictJourney) -> Response:
    """Take what the file says, or keep what the library says, and go to the next one."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    value = form.choice("value", VALUES, missing=page.text("Choose which value to keep"))
    if form.errors:
        return await _show(page, api, id, request, form, status=422)
    try:
        body = {"value": value}
        key, etag = idempotency_key(form, body), form.text("etag")
        await api.send("POST", f"/v1/import-conflicts/{id}/decide", body, etag=etag, idempotency_key=key)
    except ApiRefusal as error:
        if error.status not in (409, 410, 412, 422):
            raise
        form.add_refusal(error)
        if error.status == 412:
            form.errors[""] = page.text(
                "The item has changed since you opened this. Your decision was not recorded. Look at it again."
            )
        return await _show(page, api, id, request, form, status=error.status)
    await forget_answers(answers)
    filters = chosen_filters(request.query_params, FILTERS)
    return page.redirect(await _next_address(api, filters), done="taken" if value == "record" else "kept")


async def _next_address(api: PublicApi, filters: dict[str, str]) -> str:
    """Return the page of the next difference that waits, or of the list where none does."""
    query = urlencode(filters)
    waiting = await api.find_aside("/v1/import-conflicts", limit=1, **filters | {"status": "open"})
    path = next(
        (f"/staff/import-conflicts/{conflict['id']}" for conflict in waiting.get("items", ())),
        "/staff/import-conflicts",
    )
    return f"{path}?{query}" if query else path


async def _show(
    page: WebPage, api: PublicApi, id: UUID, request: Request, form: Form, *, status: int = 200
) -> Response:
    response: ApiResponse = await api.read(f"/v1/import-conflicts/{id}")
    filters = chosen_filters(request.query_params, FILTERS)
    topics, waiting = await asyncio.gather(
        _topics(api, [response.document]), api.find_aside("/v1/import-conflicts", limit=1, count=True, **filters)
    )
    before, shown = form.text("shown"), shown_value(response)
    return page.render(
        f"{TEMPLATES}/conflict.html",
        status=status,
        form=form,
        conflict=_view(page, response.document, topics),
        etag=response.etag,
        shown=shown,
        changed=status == 412 and before.partition(" ")[2] != shown.partition(" ")[2],
        waiting=waiting.get("total"),
        address=page.here,
        list_address=f"/staff/import-conflicts?{urlencode(filters)}" if filters else "/staff/import-conflicts",
        done=request.query_params.get("done"),
    )


async def _item(api: PublicApi, id: str | None) -> Document:
    return await api.find_aside(f"/v1/evidence/{id}") if id else {}


async def _topics(api: PublicApi, conflicts: Any) -> dict[str, str]:  # noqa: ANN401  a sequence of documents
    return await topic_names(api) if any(conflict["field"] == "topics" for conflict in conflicts) else {}


def _view(page: WebPage, conflict: Document, topics: dict[str, str]) -> dict[str, Any]:
    """Return a difference as the templates show it: both values in pieces, with what differs marked."""
    name = str(conflict["field"])
    ours, record = (field_text(page, name, conflict[side], topics) for side in ("ours", "record"))
    source = (
        f"/v1/imports/{conflict['import_id']}" if conflict["import_id"] else f"/v1/harvests/{conflict['harvest_id']}"
    )
    return conflict | {
        "label": page.text(FIELDS.get(name, name)),
        "texts": compare(ours, record),
        "source_page": find_page(source, ""),
    }
