"""`/staff/guides`: guides of every status, beginning one, the whole of one with its next edition, and its details."""

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
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.guides import choices
from gateway.web.work.guides.drafts import GuideDraft, find_draft
from gateway.web.work.guides.forms import DETAILS, details_of, read_details, read_text
from gateway.web.work.guides.presenter import show_guide
from shared.http.conditional_requests import create_router

router = create_router("", "Work on guides")

MAX_GUIDES: Final = 20
MAX_TOPICS: Final = 200
FILTERS: Final = ("status", "due", "mine", "topic", "way_of_knowing", "cites")
FORM_TEMPLATE: Final = "work/guides/templates/details.html"
DetailsJourney = Annotated[Journey, Depends(journey("guide-details"))]
NewGuideJourney = Annotated[Journey, Depends(journey("guide-new"))]
DeletedStatements = Annotated[Journey, Depends(journey("guide-deleted"))]
NEW: Final = UUID(int=0)
"""What answers about a guide that is not there yet are about."""


@router.get("/staff/guides", include_in_schema=False)
async def list_guides(request: Request, page: EditorPage, api: Api) -> Response:
    """List guides: of any status, one's own, those that are due, on a topic."""
    form = Form({name: request.query_params.get(name, "").strip() for name in FILTERS})
    guides, topics = await asyncio.gather(
        _load_guides(api, form, request.query_params.get("cursor")), api.find_aside("/v1/topics", limit=MAX_TOPICS)
    )
    return page.render(
        "work/guides/templates/guides.html",
        status=422 if form.errors else 200,
        form=form,
        choices=choices,
        topics={topic["id"]: topic["name"] for topic in topics.get("items", ())},
        guides=guides.get("items", ()),
        total=guides.get("total"),
        next=next_page(page.path, guides.get("next")),
    )


@router.get("/staff/guides/new", include_in_schema=False)
async def show_new_guide(page: EditorPage, api: Api, answers: NewGuideJourney) -> Response:
    """Ask what a new guide is about."""
    values = {"language": "en", "key": new_key(), **await restore_answers(answers, NEW)}
    return await _details_page(page, api, Form(values), None)


@router.post("/staff/guides/new", include_in_schema=False)
async def create_guide(request: Request, page: EditorForm, api: Api, answers: NewGuideJourney) -> Response:
    """Create a guide as a draft, and show it."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, NEW, form)
    body = read_details(form, page, await _topic_ids(api))
    if not form.errors:
        try:
            response = await api.send("POST", "/v1/guides", body, idempotency_key=idempotency_key(form, body))
        except ApiRefusal as error:
            _add_refusal(form, error)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/guides/{response.document['id']}", done="created")
    return await _details_page(page, api, form, None)


@router.get("/staff/guides/{id}", include_in_schema=False)
async def show_work_on_guide(
    id: UUID, page: EditorPage, api: Api, deleted: DeletedStatements, done: str = ""
) -> Response:
    """Show a guide as it is being written, or as it is published, with its evidence beside each statement."""
    was_deleted = await restore_answers(deleted, id) if done == "deleted" else {}
    return await show_guide(page, api, id, Form(), done=done, deleted=was_deleted.get("statement"))


@router.get("/staff/guides/{id}/preview", include_in_schema=False)
async def preview_guide(id: UUID, page: EditorPage, api: Api) -> Response:
    """Show the next edition as readers will see it."""
    draft = await find_draft(api, id)
    if draft is None:
        return page.redirect(f"/guides/{id}")
    topics = await asyncio.gather(*(api.find_aside(f"/v1/topics/{topic}") for topic in draft.document["topics"]))
    return page.render(
        "guides/templates/guide.html",
        guide=draft.document,
        topics=[topic for topic in topics if topic],
        easy_read=None,
        renditions=(),
        editions=(),
        data={},
        is_preview=True,
    )


@router.post("/staff/guides/{id}/edition", include_in_schema=False)
async def begin_edition(id: UUID, page: EditorForm, api: Api) -> Response:
    """Begin the next edition of a published guide; where one is being written, show it."""
    path = f"/staff/guides/{id}"
    if not page.signed_in:
        return page.redirect("/sign-in", next=path)
    if await find_draft(api, id) is None:
        etag = (await api.read(f"/v1/guides/{id}")).etag
        try:
            await api.send("PATCH", f"/v1/guides/{id}", {}, etag=etag)
        except ApiRefusal as error:
            if error.status != 412:
                raise
    return page.redirect(path, done="edition")


@router.get("/staff/guides/{id}/details", include_in_schema=False)
async def show_details(id: UUID, page: EditorPage, api: Api, answers: DetailsJourney) -> Response:
    """Show the title, the summary, the topics and the review date of the next edition as a form."""
    draft = await find_draft(api, id)
    if draft is None:
        return page.redirect(f"/staff/guides/{id}")
    values = {**details_of(draft.document), "etag": draft.etag, **await restore_answers(answers, id)}
    return await _details_page(page, api, Form(values), draft)


@router.post("/staff/guides/{id}/details", include_in_schema=False)
async def change_details(id: UUID, request: Request, page: EditorForm, api: Api, answers: DetailsJourney) -> Response:
    """Change them, unless somebody else has changed the draft since it was shown."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    body = read_details(form, page, await _topic_ids(api))
    conflict = False
    if not form.errors:
        try:
            await api.send("PATCH", f"/v1/guides/{id}", body, etag=read_text(form, "etag"))
        except ApiRefusal as error:
            conflict = error.status == 412
            if not conflict:
                _add_refusal(form, error)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/guides/{id}", done="saved")
    draft = await find_draft(api, id)
    if draft is None:
        return page.redirect(f"/staff/guides/{id}", done="changed")
    if conflict and _has_details(draft.document, body):
        return page.redirect(f"/staff/guides/{id}", done="saved")
    return await _details_page(page, api, form, draft, conflict=conflict)


async def _load_guides(api: PublicApi, form: Form, cursor: str | None) -> Document:
    """Return the guides, or nothing where the API refuses a filter, which the form says then."""
    parameters = {name: value for name, value in form.values.items() if value}
    try:
        return await api.get("/v1/guides", limit=MAX_GUIDES, cursor=cursor, count=True, **parameters)
    except ApiRefusal as error:
        if error.status != 422:
            raise
        form.add_refusal(error, {f"?{name}": name for name in form.values})
        return {}


async def _topic_ids(api: PublicApi) -> list[str]:
    return [topic["id"] for topic in (await api.get("/v1/topics", limit=MAX_TOPICS))["items"]]


def _has_details(guide: Document, body: Document) -> bool:
    """Return whether the guide says already what was sent: its button was pressed twice."""
    return all(guide[name] == value for name, value in body.items())


def _add_refusal(form: Form, refusal: ApiRefusal) -> None:
    if refusal.status not in (409, 422):
        raise refusal
    for name in DETAILS:
        form.values.setdefault(name, "")
    form.add_refusal(refusal)


async def _details_page(
    page: WebPage, api: PublicApi, form: Form, draft: GuideDraft | None, *, conflict: bool = False
) -> Response:
    topics = (await api.get("/v1/topics", limit=MAX_TOPICS))["items"]
    context: dict[str, Any] = {"conflict": conflict}
    if conflict and draft:
        form.values["etag"] = draft.etag
        context["now"] = details_of(draft.document)
    return page.render(
        FORM_TEMPLATE,
        status=412 if conflict else 422 if form.errors else 200,
        form=form,
        guide=draft.document if draft else None,
        topics=topics,
        choices=choices,
        **context,
    )
