"""`/staff/proposals` and `/staff/proposals/{id}`: other words that were proposed, compared with those that stand."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.addresses import next_page
from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.contributions.word_changes import compare, text_of
from gateway.web.descriptions.fields import LIBRARY, WORDS, Field
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.languages import text
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/proposals/templates"
PATH: Final = "/staff/proposals"
MAX_ITEMS: Final = 20
LONGEST_REASON: Final = 2_000
VIEWS: Final = (
    (PATH, text("Waiting for an editor")),
    (f"{PATH}?waiting_for=contributor", text("Waiting for the person")),
    (f"{PATH}?status=accepted", text("Accepted")),
    (f"{PATH}?status=declined", text("Declined")),
    (f"{PATH}?status=withdrawn", text("Withdrawn")),
)
"""Saved filters: addresses of the list."""
DECISIONS: Final = ("accept", "decline", "withdraw")

ProposalJourney = Annotated[Journey, Depends(journey("work-proposal"))]


@router.get("/staff/proposals", include_in_schema=False)
async def list_proposals(
    page: EditorPage,
    api: Api,
    waiting_for: str | None = None,
    status: str | None = None,
    item: UUID | None = None,
    cursor: str | None = None,
) -> Response:
    """List the proposals that wait for an editor, or by what became of them."""
    waiting_for = waiting_for or (None if status or item else "editor")
    proposals = await api.get(
        "/v1/evidence/proposals",
        waiting_for=waiting_for,
        status=status,
        item=item,
        cursor=cursor,
        limit=MAX_ITEMS,
        count=True,
    )
    items = await asyncio.gather(*(_find_item(api, proposal["item_id"]) for proposal in proposals["items"]))
    return page.render(
        f"{TEMPLATES}/proposals.html",
        views=[(address, page.text(name)) for address, name in VIEWS],
        rows=list(zip(proposals["items"], items, strict=True)),
        labels=_labels,
        total=proposals["total"],
        next=next_page(PATH, proposals["next"]),
    )


@router.get("/staff/proposals/{id}", include_in_schema=False)
async def show_proposal(
    id: UUID, page: EditorPage, api: Api, answers: ProposalJourney, done: str | None = None
) -> Response:
    """Show the words that stand beside those that would, and what an editor can do with them."""
    form = Form({"key": new_key(), **await restore_answers(answers, id)})
    return await _render(page, api, id, form, done=done)


@router.post("/staff/proposals/{id}", include_in_schema=False)
async def decide_proposal(id: UUID, request: Request, page: EditorForm, api: Api, answers: ProposalJourney) -> Response:
    """Accept or decline a person's words, or withdraw an editor's. What was shown is what is decided."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    too_long = page.text("This is too long. Use at most %(number)s characters.") % {"number": f"{LONGEST_REASON:,}"}
    read_text = form.text
    reason = read_text("reason", longest=LONGEST_REASON, too_long=too_long)
    decision = form.choice("decision", DECISIONS, missing=page.text("Choose yes or no"))
    if decision == "decline" and not reason:
        form.errors["reason"] = page.text("Say why, so that they understand it")
    if not form.errors:
        body = {"reason": reason} if decision == "decline" else None
        path, etag = f"/v1/evidence/proposals/{id}/{decision}", str(form.values.get("etag") or "")
        try:
            await api.send("POST", path, body, etag=etag, idempotency_key=idempotency_key(form, [decision, body]))
        except ApiRefusal as error:
            form.add_refusal(error)
        else:
            await forget_answers(answers)
            return page.redirect(f"{PATH}/{id}", done=str(decision))
    return await _render(page, api, id, form)


async def _render(page: WebPage, api: PublicApi, id: UUID, form: Form, *, done: str | None = None) -> Response:
    response = await api.read(f"/v1/evidence/proposals/{id}")
    proposal = response.document
    item = await _find_item(api, proposal["item_id"])
    labels = _labels(item)
    return page.render(
        f"{TEMPLATES}/proposal.html",
        status=422 if form.errors else 200,
        form=form,
        proposal=proposal,
        item=item,
        labels=labels,
        etag=response.etag,
        changes=[_change(page, labels, change) for change in proposal["changes"]],
        done=done,
    )


async def _find_item(api: PublicApi, id: str) -> Document:
    """Return the item of a proposal; without words where it was withdrawn."""
    gone = {"id": id, "title": None, "language": None, "way_of_knowing": None, "status": "withdrawn"}
    return await api.find_aside(f"/v1/evidence/{id}") or gone


def _fields_of(item: Document) -> tuple[Field, ...]:
    way = item["way_of_knowing"]
    return (*WORDS[way], *LIBRARY[way]) if way else ()


def _labels(item: Document) -> dict[str, str]:
    return {field.name: field.label for field in _fields_of(item)}


def _change(page: WebPage, labels: dict[str, str], change: Document) -> dict[str, Any]:
    name = str(change["field"])
    label = page.text(labels.get(name, name.replace("_", " ")))
    return {"label": label, "texts": compare(text_of(change["before"]), text_of(change["after"]))}
