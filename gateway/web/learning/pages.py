"""`/learning` and `/learning/{id}`: short pieces, each with three questions."""

import asyncio
from hashlib import sha256
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from markupsafe import Markup
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document
from gateway.web.forms import Form, submitted_form
from gateway.web.layout.languages import text
from gateway.web.layout.page import PublicPage, WebPage
from gateway.web.lists import next_page
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.search.list_filters import find_places, load_list, place_choices, read_filters
from shared.http.conditional_requests import create_router

router = create_router("", "Learning")

MAX_LISTED: Final = 20
FILTERS: Final = ("max_minutes", "country", "setting")
LENGTHS: Final = (3, 5, 10)
"""Minutes by which pieces can be chosen."""

MISSING_ANSWER: Final = text("Choose an answer to question %(number)s")
NOT_QUITE: Final = Markup('{} <span lang="{}">{}</span>')
LearningJourney = Annotated[Journey, Depends(journey("learning"))]


@router.get("/learning", include_in_schema=False)
async def list_pieces(request: Request, page: PublicPage, api: Api) -> Response:
    """Show pieces that take no longer than somebody has, from anywhere or from one place."""
    query = request.query_params
    form = read_filters(query, FILTERS)
    sources = {name: value for name in ("item", "guide") if (value := query.get(name, "").strip())}
    cursor = query.get("cursor")
    pieces, places = await asyncio.gather(
        load_list(page, form, api.get("/v1/learning", cursor=cursor, limit=MAX_LISTED, **sources, **form.values)),
        find_places(api),
    )
    countries, settings = place_choices(page, form, places)
    return page.render(
        "learning/templates/pieces.html",
        status=422 if form.errors else 200,
        form=form,
        pieces=pieces,
        next_page=next_page(pieces),
        lengths=LENGTHS,
        sources=sources,
        countries=countries,
        settings=settings,
    )


@router.get("/learning/{id}", include_in_schema=False)
async def show_piece(id: UUID, page: PublicPage, api: Api, answers: LearningJourney) -> Response:
    """Show a piece with its questions, and the answers of somebody who had to sign in meanwhile."""
    piece, saved = await asyncio.gather(api.get(f"/v1/learning/{id}"), restore_answers(answers, id))
    return _render(page, piece, Form({**saved, "edition": str(piece["edition"])}))


@router.post("/learning/{id}", include_in_schema=False)
async def answer_questions(
    id: UUID, request: Request, page: PublicPage, api: Api, answers: LearningJourney
) -> Response:
    """Mark the answers: with all of them right a record is kept, and shown."""
    form, piece = await asyncio.gather(submitted_form(request), api.get(f"/v1/learning/{id}"))
    options = _read_options(form, piece, page)
    if form.errors:
        return _render(page, piece, form)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    edition = str(form.values.get("edition") or "")
    body = {"answers": options, "edition": int(edition) if edition.isdecimal() and len(edition) < 9 else None}
    try:
        attempt = (await api.send("POST", f"/v1/learning/{id}/completions", body)).document
    except ApiRefusal as error:
        form.values["edition"] = str(piece["edition"])
        form.add_refusal(error)
        return _render(page, piece, form)
    if attempt["finished"]:
        path = f"/learning/record/{attempt['completion']['id']}"
        await forget_answers(answers)
        return page.redirect(path, done="finished")
    not_quite = page.text("Not quite.")
    for number, answer in enumerate(attempt["answers"], 1):
        if not answer["right"]:
            form.errors[f"answer-{number}"] = NOT_QUITE.format(not_quite, piece["language"], answer["why"])
    return _render(page, piece, form, marked=attempt["answers"])


def _read_options(form: Form, piece: Document, page: WebPage) -> list[int]:
    """Return the option that was chosen for each question; notes an error where none was."""
    chosen: list[int] = []
    for number, question in enumerate(piece["questions"], 1):
        options = [str(index) for index in range(len(question["options"]))]
        choice = form.choice(f"answer-{number}", options, missing=page.text(MISSING_ANSWER) % {"number": number})
        chosen.append(int(choice or 0))
    return chosen


def _shuffle(piece: Document) -> list[list[int]]:
    """Return the options of each question in the order in which they are shown: the same for everybody, every time.

    Authors write the right one first. What is sent is the number of the option as they wrote it.
    """
    return [
        sorted(range(len(question["options"])), key=lambda index: _place(piece["id"], number, index))
        for number, question in enumerate(piece["questions"])
    ]


def _place(piece_id: str, question: int, option: int) -> bytes:
    return sha256(f"{piece_id} {question} {option}".encode()).digest()


def _render(page: WebPage, piece: Document, form: Form, marked: list[dict[str, Any]] | None = None) -> Response:
    return page.render(
        "learning/templates/piece.html",
        status=422 if form.errors else 200,
        piece=piece,
        orders=_shuffle(piece),
        form=form,
        marked=marked,
    )
