"""`/staff/renditions`: those to make anew, those of one item or guide, and one beside its original."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.addresses import next_page
from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.guides import choices
from gateway.web.work.guides.forms import read_text
from gateway.web.work.renditions.forms import MAKERS, new_values, read_rendition, says_the_same, values_of
from gateway.web.work.text_changes import TextChange, compare_texts, find_changes
from shared.http.conditional_requests import create_router

router = create_router("", "Work on renditions")

TEMPLATES: Final = "work/renditions/templates"
MAX_LISTED: Final = 50
Collection = Literal["evidence", "guides"]
RenditionJourney = Annotated[Journey, Depends(journey("rendition"))]


@dataclass(frozen=True, slots=True)
class Original:
    """An item or a guide that renditions are made of, and its address in the API."""

    collection: Collection
    id: UUID

    @property
    def path(self) -> str:
        """Its address in the API; the page of its renditions has the same below `/staff/renditions`."""
        return f"/v1/{self.collection}/{self.id}"

    @property
    def page(self) -> str:
        """The page of its renditions."""
        return f"/staff/renditions/{self.collection}/{self.id}"


async def _original(collection: Collection, id: UUID) -> Original:
    return Original(collection, id)


OfOriginal = Annotated[Original, Depends(_original)]


@router.get("/staff/renditions", include_in_schema=False)
async def list_outdated_renditions(page: EditorPage, api: Api, cursor: str | None = None) -> Response:
    """List the renditions whose original has changed since, and those that readers do not see."""
    renditions = await api.get("/v1/evidence/renditions/outdated", cursor=cursor, limit=MAX_LISTED, count=True)
    return page.render(
        f"{TEMPLATES}/outdated.html",
        renditions=renditions["items"],
        total=renditions["total"],
        next=next_page(page.path, renditions["next"]),
    )


@router.get("/staff/renditions/{collection}/{id}", include_in_schema=False)
async def list_renditions(original: OfOriginal, page: EditorPage, api: Api, done: str = "") -> Response:
    """List every form in which there is this item or guide."""
    document, renditions = await asyncio.gather(
        api.get(original.path), api.get(f"{original.path}/renditions", limit=MAX_LISTED)
    )
    return page.render(
        f"{TEMPLATES}/renditions.html",
        original=original,
        document=document,
        renditions=renditions["items"],
        done=done,
    )


@router.get("/staff/renditions/{collection}/{id}/new", include_in_schema=False)
async def show_new_rendition(original: OfOriginal, page: EditorPage, api: Api, answers: RenditionJourney) -> Response:
    """Show the form of a new rendition beside the original."""
    saved = await restore_answers(answers, original.id)
    form = Form({"key": new_key(), **new_values(), **saved})
    return await _show(page, api, original, form, None, restored=bool(saved))


@router.post("/staff/renditions/{collection}/{id}/new", include_in_schema=False)
async def add_rendition(
    original: OfOriginal, request: Request, page: EditorForm, api: Api, answers: RenditionJourney
) -> Response:
    """Add it. It is public at once."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, original.id, form)
    body = read_rendition(form, page)
    if not form.errors:
        try:
            key = idempotency_key(form, body)
            await api.send("POST", f"{original.path}/renditions", body, idempotency_key=key)
        except ApiRefusal as error:
            _add_refusal(form, page, error)
        else:
            await forget_answers(answers)
            return page.redirect(original.page, done="added")
    return await _show(page, api, original, form, None)


@router.get("/staff/renditions/{collection}/{id}/{rendition_id}", include_in_schema=False)
async def show_rendition(
    original: OfOriginal, rendition_id: UUID, page: EditorPage, api: Api, answers: RenditionJourney
) -> Response:
    """Show a rendition as a form beside its original, and what has changed in that since."""
    rendition = await api.read(f"{original.path}/renditions/{rendition_id}")
    saved = await restore_answers(answers, rendition_id)
    form = Form({**values_of(rendition.document), "etag": rendition.etag, **saved})
    return await _show(page, api, original, form, rendition, restored=bool(saved))


@router.post("/staff/renditions/{collection}/{id}/{rendition_id}", include_in_schema=False)
async def change_rendition(
    original: OfOriginal,
    rendition_id: UUID,
    request: Request,
    page: EditorForm,
    api: Api,
    answers: RenditionJourney,
) -> Response:
    """Change it, unless it or its original has changed since it was shown."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, rendition_id, form)
    path = f"{original.path}/renditions/{rendition_id}"
    body = read_rendition(form, page)
    conflict = False
    if not form.errors:
        edition = read_text(form, "current_edition")
        if form.values.get("up_to_date") == "yes" and edition.isdecimal() and len(edition) < 9:
            body["made_from_edition"] = int(edition)
        try:
            await api.send("PATCH", path, body, etag=read_text(form, "etag"))
        except ApiRefusal as error:
            conflict = error.status == 412
            if not conflict:
                _add_refusal(form, page, error)
        else:
            await forget_answers(answers)
            return page.redirect(original.page, done="saved")
    rendition = await api.read(path)
    if conflict and says_the_same(rendition.document, body):
        return page.redirect(original.page, done="saved")
    return await _show(page, api, original, form, rendition, conflict=conflict)


@router.get("/staff/renditions/{collection}/{id}/{rendition_id}/remove", include_in_schema=False)
async def show_remove(original: OfOriginal, rendition_id: UUID, page: EditorPage, api: Api) -> Response:
    """Ask whether a rendition is to be removed."""
    rendition = await api.read(f"{original.path}/renditions/{rendition_id}")
    return page.render(
        f"{TEMPLATES}/remove.html",
        original=original,
        rendition=rendition.document,
        form=Form({"etag": rendition.etag}),
    )


@router.post("/staff/renditions/{collection}/{id}/{rendition_id}/remove", include_in_schema=False)
async def remove_rendition(
    original: OfOriginal, rendition_id: UUID, request: Request, page: EditorForm, api: Api
) -> Response:
    """Remove it as it was shown. A second press finds that this is done."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=f"{original.page}/{rendition_id}/remove")
    form = await submitted_form(request)
    try:
        await api.send("DELETE", f"{original.path}/renditions/{rendition_id}", etag=read_text(form, "etag"))
    except ApiRefusal as error:
        if error.status == 412:
            return page.redirect(original.page, done="changed")
        if error.status != 410:
            raise
    return page.redirect(original.page, done="removed")


def _add_refusal(form: Form, page: WebPage, refusal: ApiRefusal) -> None:
    if refusal.status not in (409, 422):
        raise refusal
    if refusal.slug == "rendition-exists":
        form.errors["kind"] = page.text("This format already exists. Change it, or remove it first")
    else:
        form.add_refusal(refusal)


async def _show(
    page: WebPage,
    api: PublicApi,
    original: Original,
    form: Form,
    rendition: ApiResponse | None,
    *,
    conflict: bool = False,
    restored: bool = False,
) -> Response:
    document = await api.get(original.path)
    context: dict[str, Any] = {"changes": [], "theirs": []}
    if rendition is not None:
        current: Document = rendition.document
        before, after = current["made_from_edition"], current["current_edition"]
        if before < after and current["original_id"] == str(original.id):
            context["changes"] = await find_changes(api, original.path, before, after)
        if conflict:
            context["theirs"] = _compare(current, form)
            form.values["etag"] = rendition.etag
    return page.render(
        f"{TEMPLATES}/rendition.html",
        status=412 if conflict else 422 if form.errors else 200,
        original=original,
        document=document,
        form=form,
        rendition=rendition.document if rendition else None,
        conflict=conflict,
        restored=restored,
        makers=MAKERS,
        choices=choices,
        **context,
    )


def _compare(rendition: Document, form: Form) -> list[TextChange]:
    """Return what differs between a rendition as it is and as somebody has written it."""
    labels = {"title": choices.TITLE, "content": choices.CONTENT, "url": choices.ADDRESS}
    before = {(label, ""): str(rendition[name] or "") for name, label in labels.items()}
    return compare_texts(before, {(label, ""): read_text(form, name) for name, label in labels.items()})
