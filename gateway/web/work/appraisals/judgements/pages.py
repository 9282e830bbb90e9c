"""`/staff/evidence/{id}/appraisals/{appraisal}`: judging alone, both judgements beside each other, settling."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.contributions.own_items import is_own
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, open_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.appraisals.judgements.forms import (
    answers_beside,
    read_judgement,
    read_settlement,
    skipped_by_both,
)
from gateway.web.work.appraisals.pages import instruments_by_code
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/appraisals/judgements/templates"
REFUSALS: Final = (403, 409, 412, 422)
"""What the form itself says; anything else is a page of its own."""
JudgeJourney = Annotated[Journey, Depends(journey("appraisal"))]
SettleJourney = Annotated[Journey, Depends(journey("settlement"))]
AnswerJourney = Annotated[Journey, Depends(journey("proposal"))]


@router.get("/staff/evidence/{id}/appraisals/{appraisal_id}", include_in_schema=False)
async def show_appraisal(id: UUID, appraisal_id: UUID, page: EditorPage, api: Api, done: str | None = None) -> Response:
    """Show how far the appraisal is, and once two have judged, both judgements side by side."""
    return await _show(page, api, id, appraisal_id, "appraisal.html", Form(), done=done)


@router.get("/staff/evidence/{id}/appraisals/{appraisal_id}/judge", include_in_schema=False)
async def show_questions(id: UUID, appraisal_id: UUID, page: EditorPage, api: Api, answers: JudgeJourney) -> Response:
    """Show the questions of the instrument. What somebody else answered is not shown."""
    values = await open_answers(answers, appraisal_id)
    return answers.keep(await _show(page, api, id, appraisal_id, "judge.html", Form({"key": new_key(), **values})))


@router.post("/staff/evidence/{id}/appraisals/{appraisal_id}/judge", include_in_schema=False)
async def judge(
    id: UUID, appraisal_id: UUID, request: Request, page: EditorForm, api: Api, answers: JudgeJourney
) -> Response:
    """Submit the judgement, once and for all."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, appraisal_id, form)
    appraisal = await api.get(f"/v1/evidence/{id}/appraisals/{appraisal_id}")
    instruments = await instruments_by_code(api)
    body = read_judgement(form, page, instruments[appraisal["instrument"]])
    return await _send(page, api, (id, appraisal_id), form, answers, ("judgements", body, "judge.html", "judged"))


@router.get("/staff/evidence/{id}/appraisals/{appraisal_id}/settle", include_in_schema=False)
async def show_settlement(id: UUID, appraisal_id: UUID, page: EditorPage, api: Api, answers: SettleJourney) -> Response:
    """Show each difference, to be settled with a reason."""
    values = await open_answers(answers, appraisal_id)
    return answers.keep(await _show(page, api, id, appraisal_id, "settle.html", Form({"key": new_key(), **values})))


@router.post("/staff/evidence/{id}/appraisals/{appraisal_id}/settle", include_in_schema=False)
async def settle(
    id: UUID, appraisal_id: UUID, request: Request, page: EditorForm, api: Api, answers: SettleJourney
) -> Response:
    """Propose how to settle the differences, or decide them as a third person."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, appraisal_id, form)
    appraisal = await api.get(f"/v1/evidence/{id}/appraisals/{appraisal_id}")
    body: dict[str, Any] = {"resolutions": []}
    if appraisal["differences"]:
        instruments = await instruments_by_code(api)
        skipped = skipped_by_both(appraisal, instruments[appraisal["instrument"]])
        body = read_settlement(form, page, appraisal["differences"], skipped)
    return await _send(page, api, (id, appraisal_id), form, answers, ("resolve", body, "settle.html", "settled"))


@router.get("/staff/evidence/{id}/appraisals/{appraisal_id}/answer", include_in_schema=False)
async def show_proposal(id: UUID, appraisal_id: UUID, page: EditorPage, api: Api, answers: AnswerJourney) -> Response:
    """Show what one of the two proposed, to be accepted or declined."""
    values = await open_answers(answers, appraisal_id)
    return answers.keep(await _show(page, api, id, appraisal_id, "answer.html", Form({"key": new_key(), **values})))


@router.post("/staff/evidence/{id}/appraisals/{appraisal_id}/answer", include_in_schema=False)
async def answer_proposal(
    id: UUID, appraisal_id: UUID, request: Request, page: EditorForm, api: Api, answers: AnswerJourney
) -> Response:
    """Accept the proposal as it was shown, or decline it with the reason."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, appraisal_id, form)
    decision = form.choice("decision", ("accept", "decline"), missing=page.text("Choose yes or no"))
    missing = page.text("Say why you do not agree") if decision == "decline" else None
    because = form.text(
        "because", missing=missing, longest=5_000, too_long=page.text("Write 5,000 characters or fewer")
    )
    body = {"because": because} if decision == "decline" else None
    step = (decision or "accept", body, "answer.html", "accepted" if decision == "accept" else "declined")
    return await _send(page, api, (id, appraisal_id), form, answers, step)


async def _send(
    page: WebPage,
    api: PublicApi,
    ids: tuple[UUID, UUID],
    form: Form,
    answers: Journey,
    step: tuple[str, Document | None, str, str],
) -> Response:
    """Send what was read, or show the form with what is wrong. `step`: command, body, template, what is then done."""
    command, body, template, done = step
    id, appraisal_id = ids
    if form.errors:
        return await _show(page, api, id, appraisal_id, template, form, status=422)
    etag = None if command == "judgements" else form.text("etag")
    path = f"/v1/evidence/{id}/appraisals/{appraisal_id}"
    try:
        key = idempotency_key(form, body)
        await api.send("POST", f"{path}/{command}", body, etag=etag, idempotency_key=key)
    except ApiRefusal as error:
        if error.status not in REFUSALS:
            raise
        form.add_refusal(error)
        if error.status == 412:
            form.errors[""] = page.text(
                "Somebody has changed this since you opened it. Nothing was sent. Read the current version below."
            )
        return await _show(page, api, id, appraisal_id, template, form, status=error.status)
    await forget_answers(answers)
    return page.redirect(f"/staff/evidence/{id}/appraisals/{appraisal_id}", done=done)


async def _show(
    page: WebPage,
    api: PublicApi,
    id: UUID,
    appraisal_id: UUID,
    template: str,
    form: Form,
    *,
    status: int = 200,
    done: str | None = None,
) -> Response:
    response: ApiResponse
    response, item, instruments = await asyncio.gather(
        api.read(f"/v1/evidence/{id}/appraisals/{appraisal_id}"),
        api.read(f"/v1/evidence/{id}"),
        instruments_by_code(api),
    )
    if response.status >= 300 or item.status >= 300:
        return page.redirect(f"/evidence/{id}")
    appraisal = response.document
    instrument = instruments[appraisal["instrument"]]
    caller_id = str(page.caller.id if page.caller else "")
    judges = [judgement["appraiser_id"] for judgement in appraisal["judgements"] or ()]
    may_be_own = appraisal["status"] != "resolved" and item.document["way_of_knowing"] != "research"
    return page.render(
        f"{TEMPLATES}/{template}",
        status=status,
        own=may_be_own and await is_own(api, id),
        form=form,
        item=item.document,
        appraisal=appraisal,
        etag=response.etag,
        instrument=instrument,
        questions={criterion["code"]: criterion["question"] for criterion in instrument["criteria"]},
        beside=answers_beside(appraisal),
        names=[page.text("You") if judge == caller_id else page.text("The other appraiser") for judge in judges]
        if caller_id in judges
        else [page.text("The first"), page.text("The second")],
        judges=judges,
        judged=caller_id in judges,
        skipped=skipped_by_both(appraisal, instrument) if appraisal["judgement_count"] == 2 else [],
        caller_id=caller_id,
        address=f"/staff/evidence/{id}/appraisals/{appraisal_id}",
        done=done,
    )
