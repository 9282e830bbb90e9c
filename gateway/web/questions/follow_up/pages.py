"""What somebody does with a question of theirs: say whether they used the answer, ask further, withdraw it."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import PublicPage, SignedInPage
from gateway.web.questions.forms import add_refusal, read_text, read_use
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Questions")

UseJourney = Annotated[Journey, Depends(journey("use"))]
ReopenJourney = Annotated[Journey, Depends(journey("reopen"))]


@router.get("/questions/{id}/use", include_in_schema=False)
async def show_use(id: UUID, page: SignedInPage, api: Api, answers: UseJourney) -> Response:
    """Ask whether the answer was used, and what happened."""
    question = await _own_question(api, id)
    stored = {"used": question["used"], "what_happened": question["what_happened"]}
    values = {**stored, "key": new_key(), **await restore_answers(answers, id)}
    return page.render("questions/templates/use.html", form=Form(values), question=question)


@router.post("/questions/{id}/use", include_in_schema=False)
async def record_use(id: UUID, request: Request, page: PublicPage, api: Api, answers: UseJourney) -> Response:
    """Record what became of the answer."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    body = read_use(form, page)
    if not form.errors:
        try:
            key = idempotency_key(form, body)
            await api.send("POST", f"/v1/evidence-requests/{id}/use", body, idempotency_key=key)
        except ApiRefusal as error:
            add_refusal(form, error, ("used", "what_happened"))
        else:
            await forget_answers(answers)
            return page.redirect(f"/questions/{id}", done="use")
    question = await _own_question(api, id)
    return page.render("questions/templates/use.html", status=422, form=form, question=question)


@router.get("/questions/{id}/reopen", include_in_schema=False)
async def show_reopen(id: UUID, page: SignedInPage, api: Api, answers: ReopenJourney) -> Response:
    """Ask what the answer has left open."""
    question = await _own_question(api, id)
    values = {"key": new_key(), **await restore_answers(answers, id)}
    return page.render("questions/templates/reopen.html", form=Form(values), question=question)


@router.post("/questions/{id}/reopen", include_in_schema=False)
async def reopen_question(id: UUID, request: Request, page: PublicPage, api: Api, answers: ReopenJourney) -> Response:
    """Ask a further question."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    body = {"question": read_text(form, page)}
    if not form.errors:
        try:
            key = idempotency_key(form, body)
            await api.send("POST", f"/v1/evidence-requests/{id}/reopen", body, idempotency_key=key)
        except ApiRefusal as error:
            add_refusal(form, error, ("question",))
        else:
            await forget_answers(answers)
            return page.redirect(f"/questions/{id}/asked")
    question = await _own_question(api, id)
    return page.render("questions/templates/reopen.html", status=422, form=form, question=question)


@router.get("/questions/{id}/withdraw", include_in_schema=False)
async def show_withdraw(id: UUID, page: SignedInPage, api: Api) -> Response:
    """Say what withdrawing a question does, before it is done."""
    question = await _own_question(api, id)
    return page.render("questions/templates/withdraw.html", form=Form({"key": new_key()}), question=question)


@router.post("/questions/{id}/withdraw", include_in_schema=False)
async def withdraw_question(id: UUID, request: Request, page: SignedInPage, api: Api) -> Response:
    """Withdraw the question. A second press finds that this is done."""
    form = await submitted_form(request)
    try:
        key = idempotency_key(form, None)
        await api.send("POST", f"/v1/evidence-requests/{id}/withdraw", idempotency_key=key)
    except ApiRefusal as error:
        if error.status != 409:
            raise
    return page.redirect("/questions/mine", done="withdrawn")


async def _own_question(api: PublicApi, id: UUID) -> Document:
    """Return a question that the caller may read all of. Raises NotFound, ApiRefusal."""
    question = await api.get(f"/v1/evidence-requests/{id}")
    if "turns" not in question:
        raise NotFound
    return question
