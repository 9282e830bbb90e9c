"""`/staff/learning`: pieces in work, writing one, publishing and withdrawing it."""

import asyncio
from typing import Annotated, Any, Final
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
from gateway.web.work.guides.evidence import search_evidence
from gateway.web.work.guides.forms import read_text
from gateway.web.work.learning.forms import (
    FIELDS_OF_POINTERS,
    MEDIA,
    OPTIONS,
    QUESTIONS,
    Source,
    add_refusal,
    read_piece,
    read_sources,
    says_the_same,
    texts_of,
    values_of,
)
from gateway.web.work.text_changes import compare_texts
from shared.http.conditional_requests import create_router

router = create_router("", "Work on learning")

TEMPLATES: Final = "work/learning/templates"
MAX_PIECES: Final = 20
FILTERS: Final = ("status", "is_flagged", "mine", "item", "guide")
NEW: Final = UUID(int=0)
"""What answers about a piece that is not there yet are about."""
PieceJourney = Annotated[Journey, Depends(journey("learning-piece"))]


@router.get("/staff/learning", include_in_schema=False)
async def list_pieces(request: Request, page: EditorPage, api: Api) -> Response:
    """List pieces: published ones, drafts, one's own, those in doubt."""
    form = Form({name: request.query_params.get(name, "").strip() for name in FILTERS})
    parameters = {name: value for name, value in form.values.items() if value}
    pieces: Document = {}
    try:
        cursor = request.query_params.get("cursor")
        pieces = await api.get("/v1/learning", limit=MAX_PIECES, cursor=cursor, count=True, **parameters)
    except ApiRefusal as error:
        if error.status != 422:
            raise
        form.add_refusal(error, {f"?{name}": name for name in form.values})
    return page.render(
        f"{TEMPLATES}/pieces.html",
        status=422 if form.errors else 200,
        form=form,
        pieces=pieces.get("items", ()),
        total=pieces.get("total"),
        next=next_page(page.path, pieces.get("next")),
        done=request.query_params.get("done", ""),
        choices=choices,
    )


@router.get("/staff/learning/new", include_in_schema=False)
async def show_new_piece(
    page: EditorPage, api: Api, answers: PieceJourney, item: UUID | None = None, guide: UUID | None = None
) -> Response:
    """Show the form of a new piece, with the item or guide that it is to teach."""
    sources = [Source(kind, str(id)).value for kind, id in (("item", item), ("guide", guide)) if id]
    saved = await restore_answers(answers, NEW)
    form = Form({"language": "en", "key": new_key(), "source": sources, **saved})
    return await _show(page, api, None, form, restored=bool(saved))


@router.post("/staff/learning/new", include_in_schema=False)
async def create_piece(request: Request, page: EditorForm, api: Api, answers: PieceJourney) -> Response:
    """Create a piece as a draft."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, NEW, form)
    if _changes_form(form):
        return await _show(page, api, None, form)
    body = read_piece(form, page, read_sources(form))
    if not form.errors:
        try:
            response = await api.send("POST", "/v1/learning", body, idempotency_key=idempotency_key(form, body))
        except ApiRefusal as error:
            add_refusal(form, error, body)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/learning/{response.document['id']}", done="created")
    return await _show(page, api, None, form)


@router.get("/staff/learning/{id}", include_in_schema=False)
async def show_piece(id: UUID, page: EditorPage, api: Api, answers: PieceJourney, done: str = "") -> Response:
    """Show a piece as a form, with what is missing and what has changed in its sources."""
    piece, saved = await asyncio.gather(api.read(f"/v1/learning/{id}"), restore_answers(answers, id))
    form = Form({**values_of(piece.document), "etag": piece.etag, "key": new_key(), **saved})
    return await _show(page, api, piece, form, restored=bool(saved), done=done)


@router.post("/staff/learning/{id}", include_in_schema=False)
async def change_piece(id: UUID, request: Request, page: EditorForm, api: Api, answers: PieceJourney) -> Response:
    """Change it, unless somebody else has since it was shown."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    path, conflict = f"/v1/learning/{id}", False
    if _changes_form(form):
        return await _show(page, api, await api.read(path), form)
    body = read_piece(form, page, read_sources(form))
    if not form.errors:
        try:
            await api.send("PATCH", path, body, etag=read_text(form, "etag"))
        except ApiRefusal as error:
            conflict = error.status == 412
            if not conflict:
                add_refusal(form, error, body)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/learning/{id}", done="saved")
    piece = await api.read(path)
    if conflict and says_the_same(piece.document, body):
        return page.redirect(f"/staff/learning/{id}", done="saved")
    return await _show(page, api, piece, form, theirs=body if conflict else None)


@router.post("/staff/learning/{id}/publish", include_in_schema=False)
async def publish_piece(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Publish it as it is saved."""
    path = f"/staff/learning/{id}"
    if not page.signed_in:
        return page.redirect("/sign-in", next=path)
    form = await submitted_form(request)
    try:
        key = idempotency_key(form, path)
        await api.send("POST", f"/v1/learning/{id}/publish", idempotency_key=key)
    except ApiRefusal as error:
        if error.status not in (409, 422):
            raise
        piece = await api.read(f"/v1/learning/{id}")
        refused = Form({**values_of(piece.document), "etag": piece.etag, "key": new_key()})
        refused.errors[""] = " ".join((f"{error.problem.get('title', '')}.", error.detail))
        return await _show(page, api, piece, refused)
    return page.redirect(path, done="published")


@router.get("/staff/learning/{id}/withdraw", include_in_schema=False)
async def show_withdraw(id: UUID, page: EditorPage, api: Api) -> Response:
    """Say what withdrawing a piece means, and ask whether it is meant."""
    piece = await api.get(f"/v1/learning/{id}")
    return page.render(f"{TEMPLATES}/withdraw.html", form=Form({"key": new_key()}), piece=piece)


@router.post("/staff/learning/{id}/withdraw", include_in_schema=False)
async def withdraw_piece(id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Withdraw it for good. A second press finds that this is done."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=f"/staff/learning/{id}/withdraw")
    form = await submitted_form(request)
    try:
        await api.send("POST", f"/v1/learning/{id}/withdraw", idempotency_key=idempotency_key(form, None))
    except ApiRefusal as error:
        if error.status != 410:
            raise
    return page.redirect("/staff/learning", done="withdrawn")


def _changes_form(form: Form) -> bool:
    """Return whether a button was pressed that changes the form and saves nothing."""
    return form.values.get("do") == "search" or bool(form.values.get("add") or form.values.get("drop"))


async def _show(
    page: WebPage,
    api: PublicApi,
    piece: ApiResponse | None,
    form: Form,
    *,
    theirs: Document | None = None,
    restored: bool = False,
    done: str = "",
) -> Response:
    sources = read_sources(form)
    form.values["source"] = [source.value for source in sources]
    documents, search, guides = await asyncio.gather(
        asyncio.gather(*(api.find_aside(source.path) for source in sources)),
        search_evidence(api, read_text(form, "q")),
        _search_guides(api, read_text(form, "q")),
    )
    document: Document | None = piece.document if piece else None
    if theirs is not None and piece is not None:
        form.values["etag"] = piece.etag
    return page.render(
        f"{TEMPLATES}/piece.html",
        status=412 if theirs is not None else 422 if form.errors else 200,
        form=form,
        piece=document,
        sources=list(zip(sources, documents, strict=True)),
        in_piece={(source["kind"], source["id"]): source for source in (document or {}).get("sources", ())},
        search=search,
        found_guides=guides,
        changes=compare_texts(texts_of(document), texts_of(theirs)) if theirs and document else [],
        conflict=theirs is not None,
        obstacles=_obstacles(document) if document else [],
        restored=restored,
        done=done,
        numbers={"questions": QUESTIONS, "options": OPTIONS, "media": MEDIA},
        choices=choices,
    )


async def _search_guides(api: PublicApi, words: str) -> list[dict[str, Any]]:
    words = words.strip()[:500]
    if not words:
        return []
    results = await api.find_aside("/v1/search", q=words, is_="guide", limit=5)
    return list(results.get("items", ()))


def _obstacles(piece: Document) -> list[dict[str, str]]:
    """Return what is missing, each with the field where it is written."""
    return [
        {"detail": obstacle["detail"], "field": FIELDS_OF_POINTERS.get(obstacle["pointer"], "text")}
        for obstacle in piece["obstacles"]
    ]
