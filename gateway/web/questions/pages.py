"""`/questions` and `/questions/{id}`: what has been asked and answered."""

import asyncio
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.web.api_client import Api
from gateway.web.layout.page import PublicPage
from gateway.web.lists import next_page
from gateway.web.questions.answers import AnswerContext, find_context
from gateway.web.questions.callers import answers_questions
from gateway.web.search.list_filters import find_places, load_list, place_choices, read_filters
from shared import clock
from shared.http.conditional_requests import create_router

router = create_router("", "Questions")

FILTERS = ("q", "topic", "country", "setting")
MAX_LISTED = 20


@router.get("/questions", include_in_schema=False)
async def list_questions(request: Request, page: PublicPage, api: Api) -> Response:
    """Show answered questions, those with some words, on a topic or from a place, and what became of answers."""
    form = read_filters(request.query_params, FILTERS)
    cursor = request.query_params.get("cursor")
    questions, topics, use, places = await asyncio.gather(
        load_list(page, form, api.get("/v1/evidence-requests", cursor=cursor, limit=MAX_LISTED, **form.values)),
        api.find("/v1/topics", limit=200),
        api.find("/v1/statistics/use-of-answers"),
        find_places(api),
    )
    countries, settings = place_choices(page, form, places)
    return page.render(
        "questions/templates/questions.html",
        status=422 if form.errors else 200,
        form=form,
        questions=questions,
        next_page=next_page(questions),
        topics={topic["id"]: topic["name"] for topic in (topics or {}).get("items", ())},
        countries=countries,
        settings=settings,
        use=use,
    )


@router.get("/questions/{id}", include_in_schema=False)
async def show_question(id: UUID, page: PublicPage, api: Api, done: str = "") -> Response:
    """Show a question with its answer: as it was asked to whoever asked and to staff, to others as it is published."""
    question, topics = await asyncio.gather(api.get(f"/v1/evidence-requests/{id}"), api.find("/v1/topics", limit=200))
    names = {topic["id"]: topic["name"] for topic in (topics or {}).get("items", ())}
    is_own = "turns" in question
    cited = [source for turn in question["turns"] for source in turn["cites"]] if is_own else question["cites"]
    context = await find_context(api, cited) if cited else AnswerContext()
    return page.render(
        f"questions/templates/{'own_question' if is_own else 'question'}.html",
        question=question,
        topic_names=names,
        context=context,
        by_staff=answers_questions(page.caller),
        done=done,
        now=clock.now().isoformat(),
    )
