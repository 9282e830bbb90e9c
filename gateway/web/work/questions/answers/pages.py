"""`/staff/questions/{id}/answer`: writing an answer, picking what it cites, seeing it as the asker will, sending it."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.journey import Journey
from gateway.web.work.questions import choices
from gateway.web.work.questions.answers import sources
from gateway.web.work.questions.answers.sources import AnswerSource
from gateway.web.work.questions.differences import describe, find_differences
from gateway.web.work.questions.drafts import draft, forget, keep, restore, sign_in
from gateway.web.work.questions.entries import Entry
from gateway.web.work.questions.field_names import ADDRESS, ANSWER, ETAG, WORDS
from gateway.web.work.questions.question_page import find_similar, find_topics
from gateway.web.work.questions.search_words import search_words
from gateway.web.work.text_changes import TextChange
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

MAX_ANSWER: Final = 20_000
MAX_RESULTS: Final = 8
MAX_SEARCH_WORDS: Final = 500
TEMPLATES: Final = "work/questions/templates"
AnswerDraft = Annotated[Journey, Depends(draft("answer"))]


@router.get("/staff/questions/{id}/answer", include_in_schema=False)
async def show_answer(id: UUID, page: EditorPage, api: Api, answers: AnswerDraft) -> Response:
    """Show the form of an answer, as it was left."""
    values = await restore(answers)
    form = Form(dict(values or {"key": new_key()}))
    return await _write(page, api, id, form, restored=values is not None)


@router.post("/staff/questions/{id}/answer", include_in_schema=False)
async def write_answer(id: UUID, request: Request, page: EditorForm, api: Api, answers: AnswerDraft) -> Response:
    """Search, add a source, take the words of another answer, show the answer as the asker sees it, or send it."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in(answers, page, form)
    action, _, argument = str(form.values.get("action") or "preview").partition("-")
    if action == "send":
        return await _send(page, api, id, form, answers)
    if action == "add":
        await _add(page, api, form)
    elif action == "use":
        await _use(api, form, argument)
    elif action == "preview":
        await _check(page, api, form)
    await keep(answers, form)
    if action == "preview" and not form.errors:
        return answers.keep(await _preview(page, api, id, form))
    return answers.keep(await _write(page, api, id, form))


async def _send(page: WebPage, api: PublicApi, id: UUID, form: Form, answers: Journey) -> Response:
    """Send the answer to the question as it was shown; what was changed meanwhile is shown with what was written."""
    await keep(answers, form)
    await _check(page, api, form)
    if form.errors:
        return answers.keep(await _write(page, api, id, form))
    pairs = sources.chosen(form)
    body = {
        "answer": form.text(ANSWER),
        "items": [source_id for kind, source_id in pairs if kind == "item"],
        "guides": [source_id for kind, source_id in pairs if kind == "guide"],
    }
    try:
        key, etag = idempotency_key(form, body), form.text(ETAG) or None
        await api.send("POST", f"/v1/evidence-requests/{id}/answer", body, etag=etag, idempotency_key=key)
    except ApiRefusal as error:
        if error.status not in (409, 412, 422):
            raise
        if error.status == 422:
            _add_refusal(form, error, body)
        return answers.keep(await _write(page, api, id, form, refusal=error))
    await forget(answers)
    return page.redirect(f"/staff/questions/{id}", done="answer")


def _add_refusal(form: Form, refusal: ApiRefusal, body: Document) -> None:
    """Note what the API refused: of what is cited, at the sources."""
    names = {f"/{name}/{n}": "cite" for name in ("items", "guides") for n in range(len(body[name]))}
    form.values.setdefault("cite", [])
    form.add_refusal(refusal, names)


async def _check(page: WebPage, api: PublicApi, form: Form) -> None:
    """Note what is missing, and what is cited and not public."""
    form.text(
        ANSWER,
        missing=page.text("Write the answer"),
        longest=MAX_ANSWER,
        too_long=page.text("Write the answer in 20,000 characters or fewer"),
    )
    pairs = sources.chosen(form)
    if len(pairs) > sources.MAX_SOURCES:
        form.errors["cite"] = page.text("Cite 50 sources or fewer")
        return
    cited = await sources.find_sources(api, pairs)
    titles = [source.title or source.id for source in cited if not source.is_public]
    if titles:
        explanation = page.text("These are not public, so the person who asked cannot read them. Untick them:")
        form.errors["cite"] = f"{explanation} {'; '.join(titles)}"


async def _add(page: WebPage, api: PublicApi, form: Form) -> None:
    """Tick what the address names."""
    address = form.text(ADDRESS, missing=page.text("Paste the address of a page, or an id"))
    if not address:
        return
    source = await sources.find_by_address(api, address)
    if source is None:
        form.errors["address"] = page.text("There is no evidence or guide at this address")
        return
    form.values |= {"address": "", "cite": _ticked(form, [source])}


async def _use(api: PublicApi, form: Form, similar_id: str) -> None:
    """Add the public answer to another question to the words, and tick what it cites."""
    try:
        similar = await api.find(f"/v1/evidence-requests/{UUID(similar_id)}")
    except ValueError:
        return
    if not similar:
        return
    is_whole = "turns" in similar
    public: Document = (similar["public"] or {}) if is_whole else similar
    cites = [source for turn in similar["turns"] for source in turn["cites"]] if is_whole else similar["cites"]
    words = [text for text in (form.text(ANSWER), public.get("answer")) if text]
    form.values |= {"answer": "\n\n".join(words), "cite": _ticked(form, filter(None, map(sources.cited_source, cites)))}


def _ticked(form: Form, added: "filter[AnswerSource] | list[AnswerSource]") -> list[str]:
    before = [f"{kind}:{source_id}" for kind, source_id in sources.chosen(form)]
    return list(dict.fromkeys([*before, *(source.choice for source in added)]))


async def _preview(page: WebPage, api: PublicApi, id: UUID, form: Form) -> Response:
    response, cited = await asyncio.gather(
        api.read(f"/v1/evidence-requests/{id}"), sources.find_sources(api, sources.chosen(form))
    )
    entry = Entry.of(page, response.document)
    if not entry.waits:
        return await _write(page, api, id, form)
    return page.render(f"{TEMPLATES}/preview.html", form=form, entry=entry, question=response.document, cited=cited)


async def _write(
    page: WebPage,
    api: PublicApi,
    id: UUID,
    form: Form,
    *,
    restored: bool = False,
    refusal: ApiRefusal | None = None,
) -> Response:
    """Return the form beside the question and what may answer it.

    Where the question was changed since it was shown, what differs is shown, and the form is one of the question as it
    is now: sending it again is a decision of whoever has read that.
    """
    response, topics, cited = await asyncio.gather(
        api.read(f"/v1/evidence-requests/{id}"),
        find_topics(api),
        sources.find_sources(api, sources.chosen(form)[: sources.MAX_SOURCES]),
    )
    question: Document = response.document
    entry = Entry.of(page, question)
    if not entry.waits:
        return page.render(
            f"{TEMPLATES}/too_late.html",
            status=409 if refusal or restored or form.values.get("answer") else 200,
            entry=entry,
            question=question,
            form=form,
            cited=cited,
            choices=choices,
        )
    is_outdated = form.values.get("etag") not in (None, response.etag)
    differences: list[TextChange] = []
    if is_outdated:
        differences = find_differences(page, form.values.get("shown"), entry, topics)
    words = form.text(WORDS)[:MAX_SEARCH_WORDS] or search_words(question["turns"][-1]["question"])
    similar, results = await asyncio.gather(
        find_similar(api, question),
        api.find_aside("/v1/search", q=words, limit=MAX_RESULTS) if words else _nothing(),
    )
    chosen = {source.choice for source in cited}
    shown = {"etag": response.etag, "shown": describe(page, entry, topics), "words": words}
    form.values |= shown if refusal or differences or not form.values.get("etag") or restored else {"words": words}
    return page.render(
        f"{TEMPLATES}/answer.html",
        status=refusal.status if refusal else 422 if form.errors else 200,
        form=form,
        entry=entry,
        question=question,
        topics=topics,
        choices=choices,
        cited=cited,
        results=[
            source for source in map(sources.result_source, results.get("items", ())) if source.choice not in chosen
        ],
        summaries={result["id"]: result["summary"] for result in results.get("items", ())},
        similar=similar,
        refusal=refusal,
        differences=differences,
        restored=restored,
        is_outdated=is_outdated,
    )


async def _nothing() -> Document:
    return {}
