"""`/questions/ask`: three fields, answered questions like it, and what happens next."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import PublicPage, SignedInPage
from gateway.web.questions.forms import FIELDS, add_refusal, read_question
from gateway.web.saved_answers.journey import Journey, journey
from shared.http.conditional_requests import create_router

router = create_router("", "Questions")

TEMPLATE = "questions/templates/ask.html"

AskJourney = Annotated[Journey, Depends(journey("ask"))]


@router.get("/questions/ask", include_in_schema=False)
async def show_new_question(page: PublicPage, answers: AskJourney, q: str = "") -> Response:
    """Show the three fields: as they were left, or with the words that somebody has searched for."""
    saved = await answers.load()
    first = {"question": q[:500], "key": new_key()}
    return page.render(TEMPLATE, private=True, form=Form(first | (saved.values if saved else {})))


@router.post("/questions/ask", include_in_schema=False)
async def ask_question(request: Request, page: PublicPage, api: Api, answers: AskJourney) -> Response:
    """Show answered questions like this one first; send it once there is none, or none of them answers it."""
    form = await submitted_form(request)
    await answers.save(**{name: form.values.get(name) for name in (*FIELDS, "key", "ask_anyway")})
    body = read_question(form, page)
    if form.errors or form.values.get("change"):
        status = 422 if form.errors else 200
        return answers.keep(page.render(TEMPLATE, status=status, private=True, form=form))
    if not form.values.get("ask_anyway") and (similar := await _find_similar(api, body["question"])):
        template = "questions/templates/similar.html"
        return answers.keep(page.render(template, private=True, form=form, questions=similar))
    if not page.signed_in:
        return answers.sign_in(page)
    try:
        response = await api.send("POST", "/v1/evidence-requests", body, idempotency_key=idempotency_key(form, body))
    except ApiRefusal as error:
        add_refusal(form, error)
        return answers.keep(page.render(TEMPLATE, status=422, private=True, form=form))
    await answers.begin()
    return answers.keep(page.redirect(f"/questions/{response.document['id']}/asked"))


@router.get("/questions/{id}/asked", include_in_schema=False)
async def show_asked(id: UUID, page: SignedInPage, api: Api) -> Response:
    """Show that the question has arrived, what happens next, and when."""
    question = await api.get(f"/v1/evidence-requests/{id}")
    return page.render("questions/templates/asked.html", question=question)


async def _find_similar(api: PublicApi, question: str) -> list[Document]:
    """Return answered questions like this one. Without them a question can be asked all the same."""
    try:
        return (await api.send("POST", "/v1/evidence-requests/search", {"question": question})).document["items"]
    except ApiRefusal:
        return []
