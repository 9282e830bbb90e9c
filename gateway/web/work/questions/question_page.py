"""The page of a question for its editor, also where something could not be done with it."""

import asyncio
from typing import Final
from uuid import UUID

from starlette.responses import Response

from gateway.web.api_client import ApiRefusal, Document, PublicApi
from gateway.web.idempotency_keys import new_key
from gateway.web.layout.page import WebPage
from gateway.web.work.questions import choices
from gateway.web.work.questions.entries import Entry
from gateway.web.work.questions.search_words import search_words

MAX_TOPICS: Final = 200
MAX_SUGGESTIONS: Final = 5


async def find_topics(api: PublicApi) -> dict[str, str]:
    """Return the names of topics by their ids, or none where they do not come."""
    document = await api.find_aside("/v1/topics", limit=MAX_TOPICS)
    return {topic["id"]: topic["name"] for topic in document.get("items", ())}


async def find_similar(api: PublicApi, question: Document) -> list[Document]:
    """Return other questions like this one that are answered and public; none where they do not come."""
    text = question["turns"][-1]["question"]
    if not text:
        return []
    try:
        response = await api.send("POST", "/v1/evidence-requests/search", {"question": text})
    except ApiRefusal:
        return []
    return [similar for similar in response.document["items"] if similar["id"] != question["id"]]


async def render_question(
    page: WebPage, api: PublicApi, id: UUID, *, done: str = "", refusal: ApiRefusal | None = None
) -> Response:
    """Return the page of a question. `refusal`: of what was to be done with it."""
    response, topics = await asyncio.gather(api.read(f"/v1/evidence-requests/{id}"), find_topics(api))
    question = response.document
    words = search_words(question["turns"][-1]["question"])
    entry = Entry.of(page, question)
    similar, results = await asyncio.gather(
        find_similar(api, question),
        api.find_aside("/v1/search", q=words, limit=MAX_SUGGESTIONS) if words and entry.waits else _nothing(),
    )
    return page.render(
        "work/questions/templates/question.html",
        status=refusal.status if refusal else 200,
        entry=entry,
        question=question,
        etag=response.etag,
        key=new_key(),
        topics=topics,
        choices=choices,
        similar=similar,
        results=results.get("items", ()),
        done=done,
        refusal=refusal,
    )


async def _nothing() -> Document:
    return {}
