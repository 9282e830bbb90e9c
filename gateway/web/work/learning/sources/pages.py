"""`/staff/learning/{id}/sources`: what a piece teaches from, and deciding about a source that has changed."""

import asyncio
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.guides import choices
from gateway.web.work.guides.evidence import search_evidence
from gateway.web.work.guides.forms import read_text
from gateway.web.work.learning.forms import MAX_WHY, TOO_LONG
from gateway.web.work.learning.parts.changes import change_piece
from gateway.web.work.learning.sources.source import Source, choose, load_documents, sources_of
from gateway.web.work.text_changes import find_changes
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Work on learning")

TEMPLATE: Final = "work/learning/templates/source.html"
LIST_TEMPLATE: Final = "work/learning/templates/sources.html"
MAX_GUIDES: Final = 5
KeepJourney = Annotated[Journey, Depends(journey("learning-keep"))]
SourceKind = Literal["item", "guide"]


@router.get("/staff/learning/{id}/sources", include_in_schema=False)
async def show_sources(id: UUID, page: EditorPage, api: Api, q: str = "", done: str = "") -> Response:
    """Show what a piece teaches from, and search what else it could."""
    return await _show_sources(page, api, id, Form({"q": q}), done=done)


@router.post("/staff/learning/{id}/sources", include_in_schema=False)
async def choose_source(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Teach from an item or a guide as it is today, or no longer."""
    path = f"/staff/learning/{id}/sources"
    if not page.signed_in:
        return page.redirect("/sign-in", next=path)
    form = await submitted_form(request)
    dropped, words = Source.of(read_text(form, "drop")), read_text(form, "q")
    source = dropped or Source.of(read_text(form, "add"))
    query = {"q": words} if words else {}
    if source is None:
        return page.redirect(path, **query)
    try:
        await change_piece(api, id, lambda piece: choose(piece, source, drop=dropped is not None))
    except ApiRefusal as error:
        if error.status not in (409, 422):
            raise
        form.add_refusal(error)
        return await _show_sources(page, api, id, form)
    return page.redirect(path, **query, done="removed" if dropped else "added")


async def _show_sources(page: WebPage, api: PublicApi, id: UUID, form: Form, *, done: str = "") -> Response:
    piece = await api.get(f"/v1/learning/{id}")
    words = read_text(form, "q")
    documents, search, guides = await asyncio.gather(
        load_documents(api, sources_of(piece)), search_evidence(api, words), _search_guides(api, words)
    )
    return page.render(
        LIST_TEMPLATE,
        status=422 if form.errors else 200,
        form=form,
        piece=piece,
        documents=documents,
        search=search,
        found_guides=guides,
        chosen={(source["kind"], source["id"]) for source in piece["sources"]},
        done=done,
        choices=choices,
    )


async def _search_guides(api: PublicApi, words: str) -> list[dict[str, Any]]:
    words = words.strip()[:500]
    if not words:
        return []
    results = await api.find_aside("/v1/search", q=words, is_="guide", limit=MAX_GUIDES)
    return list(results.get("items", ()))


@router.get("/staff/learning/{id}/sources/{kind}/{source_id}", include_in_schema=False)
async def show_source(
    id: UUID, kind: SourceKind, source_id: UUID, page: EditorPage, api: Api, answers: KeepJourney
) -> Response:
    """Show a source that has changed, and ask why the piece still holds, if it does."""
    saved = await restore_answers(answers, source_id)
    return await _show_source(page, api, id, Source(kind, str(source_id)), Form(saved))


@router.post("/staff/learning/{id}/sources/{kind}/{source_id}", include_in_schema=False)
async def keep_source(
    id: UUID,
    kind: SourceKind,
    source_id: UUID,
    request: Request,
    page: EditorForm,
    api: Api,
    answers: KeepJourney,
) -> Response:
    """Keep it, as it was shown, with the reason that readers see."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, source_id, form)
    missing = page.text("Say why the piece still applies. Readers see this")
    because = read_text(form, "because", missing=missing, longest=MAX_WHY, too_long=page.text(TOO_LONG[MAX_WHY]))
    conflict = False
    if not form.errors:
        path = f"/v1/learning/{id}/sources/{kind}/{source_id}/keep"
        key = idempotency_key(form, because)
        try:
            await api.send("POST", path, {"because": because}, etag=read_text(form, "etag"), idempotency_key=key)
        except ApiRefusal as error:
            if error.status not in (409, 412, 422):
                raise
            conflict = error.status == 412
            changed = page.text("Something has changed since you opened this page. Read it again, then decide.")
            form.errors[""] = changed if conflict else error.detail
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/learning/{id}", done="kept")
    source = Source(kind, str(source_id))
    return await _show_source(page, api, id, source, form, status=412 if conflict else 422)


async def _show_source(
    page: WebPage, api: PublicApi, id: UUID, source: Source, form: Form, *, status: int = 200
) -> Response:
    piece = await api.read(f"/v1/learning/{id}")
    shown = [entry for entry in piece.document["sources"] if (entry["kind"], entry["id"]) == (source.kind, source.id)]
    if not shown:
        raise NotFound
    if not form.values.get("etag") or status == 412:
        form.values |= {"etag": piece.etag, "key": new_key()}
    before, after = shown[0]["edition"], shown[0]["current_edition"]
    changes = (
        await find_changes(api, source.path, before, after)
        if after and after > before and not shown[0]["merged_into"]
        else []
    )
    return page.render(
        TEMPLATE,
        status=status,
        form=form,
        piece=piece.document,
        source=shown[0],
        original=await api.find_aside(source.path),
        changes=changes,
        choices=choices,
    )
