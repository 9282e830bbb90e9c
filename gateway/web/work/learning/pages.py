"""`/staff/learning`: pieces in work, writing one, publishing and withdrawing it."""

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
from gateway.web.work.guides.forms import read_text
from gateway.web.work.learning.forms import WORDS, read_words, texts_of_words, values_of_words
from gateway.web.work.learning.parts.changes import MAX_PARTS
from gateway.web.work.learning.sources.source import Source, links, load_documents, sources_of
from gateway.web.work.text_changes import compare_texts
from shared.http.conditional_requests import create_router

router = create_router("", "Work on learning")

TEMPLATES: Final = "work/learning/templates"
MAX_PIECES: Final = 20
FILTERS: Final = ("status", "is_flagged", "mine", "item", "guide")
NEW: Final = UUID(int=0)
"""What answers about a piece that is not there yet are about."""
WordsJourney = Annotated[Journey, Depends(journey("learning-words"))]


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
    page: EditorPage, api: Api, answers: WordsJourney, item: UUID | None = None, guide: UUID | None = None
) -> Response:
    """Show the form of the words of a new piece, with the item or guide that it is to teach."""
    sources = [Source(kind, str(id)).value for kind, id in (("item", item), ("guide", guide)) if id]
    saved = await restore_answers(answers, NEW)
    form = Form({"language": "en", "key": new_key(), "source": sources, **saved})
    return await _show_words(page, api, None, form, restored=bool(saved))


@router.post("/staff/learning/new", include_in_schema=False)
async def create_piece(request: Request, page: EditorForm, api: Api, answers: WordsJourney) -> Response:
    """Create a piece as a draft."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, NEW, form)
    body = read_words(form, page) | links(_chosen_sources(form))
    if not form.errors:
        try:
            response = await api.send("POST", "/v1/learning", body, idempotency_key=idempotency_key(form, body))
        except ApiRefusal as error:
            _add_refusal(form, error)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/learning/{response.document['id']}", done="created")
    return await _keep_words(page, api, answers, None, form)


@router.get("/staff/learning/{id}", include_in_schema=False)
async def show_piece(id: UUID, page: EditorPage, api: Api, done: str = "") -> Response:
    """Show a piece: what comes next, its words, its questions one by one, and what it teaches from."""
    return await _show_piece(page, api, await api.get(f"/v1/learning/{id}"), Form(), done=done)


@router.get("/staff/learning/{id}/words", include_in_schema=False)
async def show_words(id: UUID, page: EditorPage, api: Api, answers: WordsJourney) -> Response:
    """Show its words as a form, beside what it teaches from."""
    piece, saved = await asyncio.gather(api.read(f"/v1/learning/{id}"), restore_answers(answers, id))
    form = Form({**values_of_words(piece.document), "etag": piece.etag, **saved})
    return await _show_words(page, api, piece.document, form, restored=bool(saved))


@router.post("/staff/learning/{id}/words", include_in_schema=False)
async def change_words(id: UUID, request: Request, page: EditorForm, api: Api, answers: WordsJourney) -> Response:
    """Change its words, unless somebody else has changed the piece since it was shown."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    path, conflict = f"/v1/learning/{id}", False
    body = read_words(form, page)
    if not form.errors:
        try:
            await api.send("PATCH", path, body, etag=read_text(form, "etag"))
        except ApiRefusal as error:
            conflict = error.status == 412
            if not conflict:
                _add_refusal(form, error)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/learning/{id}", done="saved")
    piece = await api.read(path)
    if conflict and all(piece.document[name] == value for name, value in body.items()):
        await forget_answers(answers)
        return page.redirect(f"/staff/learning/{id}", done="saved")
    if conflict:
        form.values["etag"] = piece.etag
        return await _show_words(page, api, piece.document, form, theirs=body)
    return await _keep_words(page, api, answers, piece.document, form)


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
        refused = Form(errors={"": " ".join((f"{error.problem.get('title', '')}.", error.detail))})
        return await _show_piece(page, api, await api.get(f"/v1/learning/{id}"), refused)
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


def _chosen_sources(form: Form) -> list[Source]:
    value: Any = form.values.get("source") or []
    sources = [Source.of(str(name)) for name in ([value] if isinstance(value, str) else value)]
    return [source for source in sources if source is not None]


def _add_refusal(form: Form, refusal: ApiRefusal) -> None:
    if refusal.status not in (409, 422):
        raise refusal
    for name in WORDS:
        form.values.setdefault(name, "")
    form.add_refusal(refusal, {"/minutes": "text"})


async def _keep_words(page: WebPage, api: PublicApi, answers: Journey, piece: Document | None, form: Form) -> Response:
    """Show what was written again, and keep it for whoever comes back later."""
    await answers.save(about=str(piece["id"] if piece else NEW), values=dict(form.values))
    return answers.keep(await _show_words(page, api, piece, form))


async def _show_words(
    page: WebPage,
    api: PublicApi,
    piece: Document | None,
    form: Form,
    *,
    theirs: Document | None = None,
    restored: bool = False,
) -> Response:
    sources = sources_of(piece) if piece else _chosen_sources(form)
    return page.render(
        f"{TEMPLATES}/words.html",
        status=412 if theirs is not None else 422 if form.errors else 200,
        form=form,
        piece=piece,
        sources=sources,
        documents=await load_documents(api, sources),
        changes=compare_texts(texts_of_words(piece), texts_of_words(theirs)) if theirs and piece else [],
        conflict=theirs is not None,
        restored=restored,
        choices=choices,
    )


async def _show_piece(page: WebPage, api: PublicApi, piece: Document, form: Form, *, done: str = "") -> Response:
    return page.render(
        f"{TEMPLATES}/piece.html",
        status=422 if form.errors else 200,
        form=form,
        piece=piece,
        documents=await load_documents(api, sources_of(piece)),
        obstacles=_obstacles(piece),
        most=MAX_PARTS,
        key=new_key(),
        done=done,
        choices=choices,
    )


def _obstacles(piece: Document) -> list[dict[str, str]]:
    """Return what is missing, each with the page on which it is written."""
    path = f"/staff/learning/{piece['id']}"
    obstacles: list[dict[str, str]] = []
    for obstacle in piece["obstacles"]:
        name, _, rest = obstacle["pointer"].strip("/").partition("/")
        pages = {"items": "sources", "guides": "sources", "text": "words#text", "minutes": "words#text"}
        pages["questions"] = f"questions/{int(rest.split('/')[0]) + 1 if rest[:1].isdigit() else 'new'}"
        obstacles.append({"detail": obstacle["detail"], "href": f"{path}/{pages.get(name, 'words')}"})
    return obstacles
