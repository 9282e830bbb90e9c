"""`/staff/questions` and `/staff/questions/{id}`: what waits for an editor; one question with all that can be done."""

import asyncio
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form
from gateway.web.idempotency_keys import new_key
from gateway.web.layout.page import EditorPage
from gateway.web.lists import next_page
from gateway.web.work.questions import choices
from gateway.web.work.questions.entries import Entry
from gateway.web.work.questions.question_page import find_topics, render_question
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

MAX_LISTED: Final = 20


@router.get("/staff/questions", include_in_schema=False)
async def list_questions(request: Request, page: EditorPage, api: Api, cursor: str | None = None) -> Response:
    """List what waits, the most urgent first, or what these filters choose."""
    query = request.query_params
    filters = {name: value for name in choices.FILTERS if (value := query.get(name, "").strip())}
    address = f"/staff/questions?{urlencode(filters)}" if filters else "/staff/questions"
    if not all(query.values()):
        return page.redirect(address)
    form = Form({name: filters.get(name, "") for name in choices.FILTERS})
    questions, topics, turnaround, use = await asyncio.gather(
        _load_queue(api, form, filters, cursor),
        find_topics(api),
        api.find_aside("/v1/statistics/turnaround"),
        api.find_aside("/v1/statistics/use-of-answers"),
    )
    return page.render(
        "work/questions/templates/questions.html",
        status=422 if form.errors else 200,
        form=form,
        filters=filters,
        address=address,
        entries=[Entry.of(page, question) for question in questions.get("items", ())],
        key=new_key(),
        questions=questions,
        next_page=next_page(questions),
        choices=choices,
        topics=topics,
        turnaround=turnaround,
        use=use,
        done=query.get("done", ""),
    )


async def _load_queue(api: PublicApi, form: Form, filters: dict[str, str], cursor: str | None) -> Document:
    """Return the queue, or nothing where the API refuses a filter, which the form says then."""
    parameters = {"from_" if name == "from" else name: value for name, value in filters.items()}
    path = "/v1/evidence-requests/queue"
    try:
        return await api.get(path, limit=MAX_LISTED, count=True, cursor=cursor, **parameters)
    except ApiRefusal as error:
        if error.status not in (404, 422):
            raise
        form.add_refusal(error, {f"?{name}": name for name in form.values})
        return {}


@router.get("/staff/questions/{id}", include_in_schema=False)
async def show_question(id: UUID, page: EditorPage, api: Api, done: str = "") -> Response:
    """Show a question: what was asked and answered, who holds it, what is public of it, and what can be done."""
    return await render_question(page, api, id, done=done)
