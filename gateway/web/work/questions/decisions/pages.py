"""`/staff/questions/{id}/decide/{turn}`: whether an answer still stands though what it stands on is in doubt."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Path, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.journey import Journey
from gateway.web.work.questions.decisions.changes import find_cited_changes
from gateway.web.work.questions.differences import describe, find_differences
from gateway.web.work.questions.drafts import draft, forget, keep, restore, sign_in
from gateway.web.work.questions.entries import Entry
from gateway.web.work.questions.field_names import BECAUSE, ETAG
from gateway.web.work.questions.question_page import find_topics, render_question
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Work")

MAX_TEXT: Final = 20_000
DecisionDraft = Annotated[Journey, Depends(draft("decide"))]
TurnNumber = Annotated[int, Path(ge=1, le=10_000)]


@router.get("/staff/questions/{id}/decide/{turn}", include_in_schema=False)
async def show_decision(id: UUID, turn: TurnNumber, page: EditorPage, api: Api, answers: DecisionDraft) -> Response:
    """Show the answer, what it stands on and what changed of that, and the decision that is to be made."""
    values = await restore(answers)
    if values and values.get("turn") != str(turn):
        values = None
    return await _form(page, api, id, turn, Form(dict(values or {"key": new_key()})), restored=values is not None)


@router.post("/staff/questions/{id}/decide/{turn}", include_in_schema=False)
async def decide(
    id: UUID, turn: TurnNumber, request: Request, page: EditorForm, api: Api, answers: DecisionDraft
) -> Response:
    """Keep the answer as it is, or replace it: as it was shown, with what it stands on."""
    form = await submitted_form(request)
    form.values["turn"] = str(turn)
    if not page.signed_in:
        return await sign_in(answers, page, form)
    await keep(answers, form)
    body = _read(page, form) | {"turn": turn}
    refusal: ApiRefusal | None = None
    if not form.errors:
        try:
            key, etag = idempotency_key(form, body), form.text(ETAG) or None
            await api.send("POST", f"/v1/evidence-requests/{id}/decisions", body, etag=etag, idempotency_key=key)
        except ApiRefusal as error:
            if error.status not in (409, 412, 422):
                raise
            refusal = error
            if error.status == 422:
                form.add_refusal(error)
        else:
            await forget(answers)
            return page.redirect(f"/staff/questions/{id}", done="decide")
    return answers.keep(await _form(page, api, id, turn, form, refusal=refusal))


def _read(page: WebPage, form: Form) -> Document:
    decision = form.choice("decision", ("keep", "revise"), missing=page.text("Choose whether the answer stays"))
    too_long = page.text("Write 20,000 characters or fewer")
    because = form.text(BECAUSE, missing=page.text("Say why"), longest=MAX_TEXT, too_long=too_long)
    answer, public_answer = (
        form.text(name, longest=MAX_TEXT, too_long=too_long) for name in ("answer", "public_answer")
    )
    if decision != "revise":
        return {"decision": decision, "because": because}
    if not answer:
        form.errors["answer"] = page.text("Write the new answer")
    return {
        "decision": decision,
        "because": because,
        "answer": answer,
        **({"public_answer": public_answer} if public_answer else {}),
    }


async def _form(
    page: WebPage,
    api: PublicApi,
    id: UUID,
    number: int,
    form: Form,
    *,
    restored: bool = False,
    refusal: ApiRefusal | None = None,
) -> Response:
    response = await api.read(f"/v1/evidence-requests/{id}")
    question: Document = response.document
    turn = next((turn for turn in question["turns"] if turn["number"] == number), None)
    if turn is None:
        raise NotFound
    if not turn["is_being_looked_at"]:
        return await render_question(page, api, id, refusal=refusal)
    topics = await find_topics(api)
    entry = Entry.of(page, question)
    is_outdated = form.values.get("etag") not in (None, response.etag)
    differences = find_differences(page, form.values.get("shown"), entry, topics)
    public: Document = question["public"] or {}
    is_public = turn is entry.answered[-1] and bool(public)
    form.values = {"answer": turn["answer"], "public_answer": public.get("answer") if is_public else ""} | form.values
    if refusal or restored or "etag" not in form.values:
        form.values |= {"etag": response.etag, "shown": describe(page, entry, topics)}
    return page.render(
        "work/questions/templates/decide.html",
        status=refusal.status if refusal else 422 if form.errors else 200,
        form=form,
        entry=entry,
        question=question,
        turn=turn,
        is_public=is_public,
        changes=await find_cited_changes(api, turn["cites"]),
        can_keep=all(source["doubt"] != "withdrawn" for source in turn["cites"]),
        refusal=refusal,
        differences=differences,
        restored=restored,
        is_outdated=is_outdated,
    )
