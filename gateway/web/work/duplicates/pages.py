"""`/staff/duplicates`: the groups that wait, and one of them side by side, to be decided; then the next one comes."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.lists import next_page
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.duplicates.comparison import changes_since, compare_fields, members_shown
from gateway.web.work.filters import chosen_filters, import_choices
from gateway.web.work.item_fields import topic_names
from gateway.web.work.origins import origins_of
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/duplicates/templates"
FILTERS: Final = ("status", "judgement", "import", "topic")
PAGE_GROUPS: Final = 20
END: Final = "end"
"""In place of a cursor: nothing follows."""
MAX_ORIGINS: Final = 8
"""Of how many members it is said where they come from and who cites them: beyond that a page would ask too much."""
Decision = Annotated[Journey, Depends(journey("duplicates"))]


@router.get("/staff/duplicates", include_in_schema=False)
async def list_groups(request: Request, page: EditorPage, api: Api) -> Response:
    """List the groups that wait for a decision, or those that were decided."""
    query = request.query_params
    form = Form({name: query.get(name, "") for name in FILTERS})
    filters = chosen_filters(query, FILTERS)
    groups, names, imports = await asyncio.gather(
        _load_groups(api, form, filters, query.get("cursor")),
        topic_names(api),
        import_choices(page, api, filters.get("import")),
    )
    return page.render(
        f"{TEMPLATES}/duplicates.html",
        status=422 if form.errors else 200,
        form=form,
        groups=groups.get("items", ()),
        total=groups.get("total"),
        following=next_page(groups),
        query=urlencode(filters),
        topics=names,
        imports=imports,
        done=query.get("done"),
        merge=query.get("merge"),
    )


async def _load_groups(api: PublicApi, form: Form, filters: dict[str, str], cursor: str | None) -> Document:
    """Return the groups, or nothing where the API refuses a filter, which the form says then."""
    try:
        return await api.get("/v1/duplicates", limit=PAGE_GROUPS, count=True, cursor=cursor, **filters)
    except ApiRefusal as error:
        if error.status != 422:
            raise
        form.add_refusal(error, {f"?{name}": name for name in FILTERS})
        return {}


@router.get("/staff/duplicates/next", include_in_schema=False)
async def show_next(request: Request, page: EditorPage, api: Api, after: str | None = None) -> Response:
    """Go to the next group that waits, past this one."""
    query = request.query_params
    return page.redirect(await _next_address(api, chosen_filters(query, FILTERS), query.get("cursor"), after))


@router.get("/staff/duplicates/{id}", include_in_schema=False)
async def show_group(id: UUID, request: Request, page: EditorPage, api: Api, answers: Decision) -> Response:
    """Show the members of a group side by side."""
    values = await restore_answers(answers, id)
    return await _show(page, api, id, request, Form({"key": new_key(), **values}))


@router.post("/staff/duplicates/{id}", include_in_schema=False)
async def decide_group(id: UUID, request: Request, page: EditorForm, api: Api, answers: Decision) -> Response:
    """Decide the group as it was shown, and go to the next one."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    body = _read_decision(form, page)
    if body is None:
        return await _show(page, api, id, request, form, status=422)
    try:
        key, etag = idempotency_key(form, body), form.text("etag")
        response = await api.send("POST", f"/v1/duplicates/{id}/decide", body, etag=etag, idempotency_key=key)
    except ApiRefusal as error:
        if error.status not in (409, 412, 422):
            raise
        form.add_refusal(error)
        if error.status == 412:
            form.errors[""] = page.text(
                "This group has changed since you opened it. Your decision was not recorded. Look at it again."
            )
        return await _show(page, api, id, request, form, status=error.status)
    await forget_answers(answers)
    done = {"done": "merged" if "merge" in body else "different"}
    if "merge" in body:
        merges = await api.find_aside("/v1/merges", into=body["merge"]["into"], limit=1)
        for merge in merges.get("items", ()):
            done["merge"] = merge["id"]
    filters, cursor = chosen_filters(request.query_params, FILTERS), request.query_params.get("cursor")
    if response.document["status"] == "open":
        done["done"] += "-some"
        address = _group_address(str(id), filters, cursor)
    else:
        address = await _next_address(api, filters, cursor, str(id))
    return page.redirect(address, **done)


def _read_decision(form: Form, page: WebPage) -> dict[str, Any] | None:
    """Return what is to be sent, or None where the form lacks something."""
    decision = form.text("decision", missing=page.text("Choose whether they are the same"))
    members = [pair.partition("=")[0] for pair in form.text("shown").split()]
    chosen = form.choices("items", members) if len(members) > 2 else members
    if len(members) > 2 and not form.errors and (not chosen or (decision in members and chosen == [decision])):
        form.errors["items"] = page.text("Tick the items that you are deciding about")
    if form.errors:
        return None
    if decision == "different":
        return {"different": chosen}
    return {"merge": {"into": decision, "items": [member for member in chosen if member != decision]}}


async def _show(
    page: WebPage, api: PublicApi, id: UUID, request: Request, form: Form, *, status: int = 200
) -> Response:
    query = request.query_params
    filters = chosen_filters(query, FILTERS)
    response, waiting = await asyncio.gather(
        api.read(f"/v1/duplicates/{id}"), api.find_aside("/v1/duplicates", limit=1, count=True, **filters)
    )
    group = response.document
    members = sorted(group["members"], key=lambda member: member["id"] != group["suggested"])
    ids = [str(member["id"]) for member in members]
    (names, merges), origins = await asyncio.gather(
        asyncio.gather(
            topic_names(api, {topic for member in members for topic in member["topics"]}),
            _merges_into(api, ids if group["status"] == "decided" else ()),
        ),
        asyncio.gather(*(origins_of(api, member) for member in ids[:MAX_ORIGINS])),
    )
    if form.values.get("decision") not in (*ids, "different"):
        form.values["decision"] = None
    form.values.setdefault("items", ids)
    return page.render(
        f"{TEMPLATES}/group.html",
        status=status,
        form=form,
        group=group,
        etag=response.etag,
        members=members,
        shown=members_shown(members),
        changes=changes_since(form.text("shown"), members) if status == 412 else {},
        numbers={member: number for number, member in enumerate(ids, 1)},
        rows=compare_fields(page, members, names),
        origins=origins,
        merges=merges,
        waiting=waiting.get("total"),
        address=_group_address(str(id), filters, query.get("cursor")),
        list_address=f"/staff/duplicates?{urlencode(filters)}" if filters else "/staff/duplicates",
        skip=f"/staff/duplicates/next?{urlencode({**filters, **_cursor(query.get('cursor')), 'after': str(id)})}",
        done=query.get("done"),
        merge=query.get("merge"),
    )


async def _merges_into(api: PublicApi, ids: Sequence[str]) -> list[Document]:
    pages = await asyncio.gather(*(api.find_aside("/v1/merges", into=id, limit=5) for id in ids[:MAX_ORIGINS]))
    return [merge for merges in pages for merge in merges.get("items", ())]


def _cursor(cursor: str | None) -> dict[str, str]:
    return {"cursor": cursor} if cursor else {}


def _group_address(id: str, filters: dict[str, str], cursor: str | None) -> str:
    query = urlencode({**filters, **_cursor(cursor)})
    return f"/staff/duplicates/{id}?{query}" if query else f"/staff/duplicates/{id}"


async def _next_address(api: PublicApi, filters: dict[str, str], cursor: str | None, after: str | None) -> str:
    """Return the page of the next open group other than this one, or of the list where none waits any more."""
    for _ in range(2):
        if cursor == END:
            break
        groups = await api.get("/v1/duplicates", limit=1, cursor=cursor, **filters | {"status": "open"})
        cursor = next(iter(parse_qs(urlsplit(groups.get("next") or "").query).get("cursor", ())), END)
        for group in groups["items"]:
            if group["id"] != after:
                return _group_address(group["id"], filters, cursor)
    return f"/staff/duplicates?{urlencode(filters)}" if filters else "/staff/duplicates"
