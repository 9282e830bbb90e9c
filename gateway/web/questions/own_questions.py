"""`/questions/mine`, and what somebody does with a question of theirs: say what happened, ask further, withdraw."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.settings import GatewaySettings
from gateway.web.api_client import Api, ApiClient, ApiRefusal, Document
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import SignedInPage
from gateway.web.lists import next_page
from gateway.web.questions.forms import add_refusal, read_text, read_use
from shared import clock
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Questions")

SEEN_COOKIE: Final = "impact_questions_seen"
SEEN_COOKIE_SECONDS: Final = 365 * 24 * 3600
MAX_LISTED: Final = 20


@router.get("/questions/mine", include_in_schema=False)
async def list_own_questions(
    request: Request, page: SignedInPage, api: Api, cursor: str | None = None, done: str = ""
) -> Response:
    """Show what somebody has asked, with what is new since they last looked on this device."""
    questions = await api.get("/v1/evidence-requests/mine", cursor=cursor, limit=MAX_LISTED)
    seen = request.scope["impact.cookies"].get(SEEN_COOKIE, "")
    response = page.render(
        "questions/templates/own_questions.html",
        questions=[(question, _is_new(question, seen)) for question in questions["items"]],
        next_page=next_page(questions),
        done=done,
        now=clock.now().isoformat(),
    )
    settings: GatewaySettings = request.app.state.settings
    response.set_cookie(
        SEEN_COOKIE,
        clock.now().isoformat(),
        max_age=SEEN_COOKIE_SECONDS,
        path="/questions",
        httponly=True,
        samesite="lax",
        secure=settings.secure,
    )
    return response


@router.get("/questions/{id}/use", include_in_schema=False)
async def show_use(id: UUID, page: SignedInPage, api: Api) -> Response:
    """Ask whether the answer was used, and what happened."""
    question = await _own_question(api, id)
    values = {"used": question["used"], "what_happened": question["what_happened"], "key": new_key()}
    return page.render("questions/templates/use.html", form=Form(values), question=question)


@router.post("/questions/{id}/use", include_in_schema=False)
async def record_use(id: UUID, request: Request, page: SignedInPage, api: Api) -> Response:
    """Record what became of the answer."""
    form = await submitted_form(request)
    body = read_use(form, page)
    if not form.errors:
        try:
            key = idempotency_key(form, body)
            await api.send("POST", f"/v1/evidence-requests/{id}/use", body, idempotency_key=key)
        except ApiRefusal as refusal:
            add_refusal(form, refusal, ("used", "what_happened"))
        else:
            return page.redirect(f"/questions/{id}", done="use")
    question = await _own_question(api, id)
    return page.render("questions/templates/use.html", status=422, form=form, question=question)


@router.get("/questions/{id}/reopen", include_in_schema=False)
async def show_reopen(id: UUID, page: SignedInPage, api: Api) -> Response:
    """Ask what the answer has left open."""
    question = await _own_question(api, id)
    return page.render("questions/templates/reopen.html", form=Form({"key": new_key()}), question=question)


@router.post("/questions/{id}/reopen", include_in_schema=False)
async def reopen_question(id: UUID, request: Request, page: SignedInPage, api: Api) -> Response:
    """Ask a further question."""
    form = await submitted_form(request)
    body = {"question": read_text(form, page)}
    if not form.errors:
        try:
            key = idempotency_key(form, body)
            await api.send("POST", f"/v1/evidence-requests/{id}/reopen", body, idempotency_key=key)
        except ApiRefusal as refusal:
            add_refusal(form, refusal, ("question",))
        else:
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
    except ApiRefusal as refusal:
        if refusal.status != 409:
            raise
    return page.redirect("/questions/mine", done="withdrawn")


async def _own_question(api: ApiClient, id: UUID) -> Document:
    """Return a question that the caller may read all of. Raises NotFound, ApiRefusal."""
    question = await api.get(f"/v1/evidence-requests/{id}")
    if "turns" not in question:
        raise NotFound
    return question


def _is_new(question: dict[str, Any], seen: str) -> bool:
    """Return whether it was answered since they looked, or nobody knows when, and they have not spoken of its use."""
    answered = [turn["answered_at"] for turn in question["turns"] if turn["answered_at"]]
    if not answered or question["status"] == "withdrawn":
        return False
    try:
        return datetime.fromisoformat(answered[-1]) > datetime.fromisoformat(seen)
    except (ValueError, TypeError):
        return question["used"] is None
