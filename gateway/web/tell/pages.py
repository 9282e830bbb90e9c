"""`/tell`: an account of lived experience or practice knowledge, one question a page, a preview, and sending it."""

from functools import partial
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.layout.page import PublicPage, SignedInPage, WebPage
from gateway.web.saved_answers.journey import Answers, Journey, journey
from gateway.web.tell import choices
from gateway.web.tell.description import describe, preview
from gateway.web.tell.questions import (
    BY_SLUG,
    QUESTIONS,
    Question,
    Topics,
    first_unanswered,
    questions_of,
    sent_answers,
)
from shared.http.conditional_requests import create_router
from shared.problems import IdempotencyKeyReused, NotFound, ResponseRedacted

router = create_router("", "Tell")

TEMPLATES: Final = "tell/templates"
SENT_BEFORE: Final = (IdempotencyKeyReused.slug(), ResponseRedacted.slug())
"""What the API says where it took the answers already, and they have been changed or withdrawn since."""
TellJourney = Annotated[Journey, Depends(journey("tell"))]


@router.get("/tell", include_in_schema=False)
async def show_start(page: PublicPage, answers: TellJourney) -> Response:
    """Show what happens with what somebody tells, and the choice between the two ways of knowing."""
    return await _start(page, answers, Form())


@router.post("/tell", include_in_schema=False)
async def start(request: Request, page: PublicPage, answers: TellJourney) -> Response:
    """Begin with the way of knowing that was chosen."""
    form = await submitted_form(request)
    way = form.choice("way", choices.WAYS, missing=page.text("Choose what you want to share"))
    if way is None:
        return await _start(page, answers, form)
    path = f"/tell/{QUESTIONS[way][0].slug}"
    if not page.signed_in:
        await answers.save(way=way)
        return answers.keep(page.redirect("/sign-in", next=path))
    await answers.begin(way=way)
    return answers.keep(page.redirect(path))


@router.get("/tell/preview", include_in_schema=False)
async def show_preview(page: SignedInPage, answers: TellJourney) -> Response:
    """Show what was answered as others will see it."""
    saved = await _all_answers(page, answers)
    if isinstance(saved, Response):
        return saved
    item = preview(saved.values, page)
    return page.render(
        f"{TEMPLATES}/preview.html", choices=choices, item=item, to_publish=saved.values.get("to_publish") != "no"
    )


@router.get("/tell/check", include_in_schema=False)
async def show_answers(page: SignedInPage, api: Api, answers: TellJourney) -> Response:
    """Show all answers, each with a link to change it, and the button that sends them."""
    saved = await _all_answers(page, answers)
    if isinstance(saved, Response):
        return saved
    return await _check(page, api, saved, Form())


@router.post("/tell/check", include_in_schema=False)
async def send_answers(request: Request, page: PublicPage, api: Api, answers: TellJourney) -> Response:
    """Send the answers: once, however often the button is pressed."""
    form = await submitted_form(request)
    if not page.signed_in:
        return answers.sign_in(page)
    saved = await _all_answers(page, answers)
    if isinstance(saved, Response):
        return saved
    if form.values.get("key") != saved.key:
        return page.redirect("/tell/check")
    description = describe(saved.values, page)
    try:
        response = await api.send("POST", "/v1/evidence", description, idempotency_key=saved.key)
        result = f"/contributions/{response.document['id']}?sent=true"
    except ApiRefusal as error:
        if error.slug not in SENT_BEFORE:
            form.add_refusal(error)
            return await _check(page, api, saved, form)
        result = "/contributions"
    await answers.finish(saved.key, result)
    return page.redirect(result)


@router.get("/tell/{slug}", include_in_schema=False)
async def show_question(
    slug: str, page: SignedInPage, api: Api, answers: TellJourney, change: bool = False
) -> Response:
    """Show one question with the answer so far."""
    saved = await answers.load()
    question = BY_SLUG.get(slug)
    if question is None:
        raise NotFound
    if saved is None or saved.result or "way" not in saved.values:
        return page.redirect((saved and saved.result) or "/tell")
    return await _ask(page, api, question, Form(dict(saved.values)), change=change)


@router.post("/tell/{slug}", include_in_schema=False)
async def answer_question(
    slug: str, request: Request, page: PublicPage, api: Api, answers: TellJourney, change: bool = False
) -> Response:
    """Keep the answer and go on to the next question; to the preview after the last one or where one was changed."""
    question = BY_SLUG.get(slug)
    if question is None:
        raise NotFound
    await answers.save(**sent_answers(question, await submitted_form(request)))
    if not page.signed_in:
        return answers.sign_in(page)
    saved = await answers.load()
    if saved is None or saved.result or "way" not in saved.values:
        return answers.keep(page.redirect((saved and saved.result) or "/tell"))
    form = Form(dict(saved.values))
    question.check(form, page)
    if form.errors:
        return answers.keep(await _ask(page, api, question, form, change=change))
    questions = questions_of(saved.values)
    position = questions.index(question) if question in questions else -1
    following = questions[position + 1 : position + 2]
    path = "/tell/check" if change else f"/tell/{following[0].slug}" if following else "/tell/preview"
    return answers.keep(page.redirect(path))


async def _all_answers(page: WebPage, answers: Journey) -> Answers | Response:
    """Return the answers where none is missing or wrong; else the redirect to where one is given, or to the result."""
    saved = await answers.load()
    if saved is None or saved.result or "way" not in saved.values:
        return page.redirect((saved and saved.result) or "/tell")
    question = first_unanswered(saved.values, page)
    return page.redirect(f"/tell/{question.slug}") if question else saved


async def _start(page: WebPage, answers: Journey, form: Form) -> Response:
    saved = await answers.load()
    begun = saved if saved and not saved.result and "way" in saved.values else None
    question = begun and first_unanswered(begun.values, page)
    return page.render(
        f"{TEMPLATES}/start.html",
        status=422 if form.errors else 200,
        private=True,
        form=form,
        ways=choices.pairs(page, choices.WAYS),
        begun=begun,
        go_on=f"/tell/{question.slug}" if question else "/tell/check",
    )


async def _ask(page: WebPage, api: PublicApi, question: Question, form: Form, *, change: bool) -> Response:
    questions = questions_of(form.values)
    if question not in questions:
        return page.redirect("/tell")
    position = questions.index(question)
    before = "/tell/check" if change else f"/tell/{questions[position - 1].slug}" if position else "/tell"
    return page.render(
        f"{TEMPLATES}/question.html",
        status=422 if form.errors else 200,
        form=form,
        choices=choices,
        pairs=partial(choices.pairs, page),
        question=question,
        way=form.values["way"],
        number=position + 1,
        total=len(questions),
        before_path=before,
        topics=await _topics(api) if "topics" in question.fields else {},
    )


async def _check(page: WebPage, api: PublicApi, saved: Answers, form: Form) -> Response:
    topics = await _topics(api)
    rows = [
        (question.slug, page.text(question.label), question.read(saved.values, page, topics))
        for question in questions_of(saved.values)
    ]
    return page.render(
        f"{TEMPLATES}/check.html",
        status=422 if form.errors else 200,
        form=form,
        saved=saved,
        rows=rows,
        errors=list(form.errors.values()),
    )


async def _topics(api: PublicApi) -> Topics:
    """Return the topics by id, those that the sector wants first before the others; none where they do not answer."""
    topics = (await api.find("/v1/topics", limit=200) or {}).get("items", ())
    return {topic["id"]: topic["name"] for topic in sorted(topics, key=lambda topic: -(topic["priority"] or 0))}
