"""`/staff/flags`: the changes that wait, one of them with a decision, and one decision about several."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.addresses import next_page
from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.flags.decisions import (
    DECIDED,
    GONE,
    FlaggedCitation,
    FlagKey,
    NotDecided,
    check,
    decide,
    load_flag,
    load_flags,
)
from gateway.web.work.guides import choices
from gateway.web.work.guides.evidence import load_instruments
from gateway.web.work.guides.forms import MAX_TEXT, TOO_LONG, read_text
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Work on flags")

TEMPLATES: Final = "work/flags/templates"
MAX_FLAGS: Final = 10
MAX_DECIDED: Final = 200
SEVERAL: Final = UUID(int=0)
"""What answers about several flags are about."""
FlagJourney = Annotated[Journey, Depends(journey("flag"))]
SeveralFlags = Annotated[Journey, Depends(journey("flags"))]
FlagResults = Annotated[Journey, Depends(journey("flags-decided"))]


@router.get("/staff/flags", include_in_schema=False)
async def list_flags(
    page: EditorPage,
    api: Api,
    answers: SeveralFlags,
    mine: bool = False,
    decided: bool = False,
    cursor: str | None = None,
    done: str = "",
) -> Response:
    """List statements that cite something that has changed, each beside what changed."""
    form = Form(await restore_answers(answers, SEVERAL))
    return await _list(page, api, form, mine=mine, decided=decided, cursor=cursor, done=done)


@router.post("/staff/flags", include_in_schema=False)
async def preview_decisions(request: Request, page: EditorForm, api: Api, answers: SeveralFlags) -> Response:
    """Show what one decision about the chosen flags will do, and for which it cannot be made. Nothing is decided."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, SEVERAL, form)
    body = _read_decision(form, page)
    if not _chosen(form):
        form.errors["flag"] = page.text("Choose at least one")
    if form.errors:
        return await _list(page, api, form)
    await forget_answers(answers)
    return await _preview(page, api, form, body)


@router.get("/staff/flags/decide", include_in_schema=False)
async def show_decisions(page: EditorPage, api: Api, answers: SeveralFlags, results: FlagResults) -> Response:
    """Show what became of each flag; or, after signing in again, what is about to be decided."""
    form = Form(await restore_answers(answers, SEVERAL))
    if form.values:
        body = _read_decision(form, page)
        return page.redirect("/staff/flags") if form.errors else await _preview(page, api, form, body)
    saved = await results.load()
    if not saved or "lines" not in saved.values:
        return page.redirect("/staff/flags")
    return page.render(f"{TEMPLATES}/decided.html", lines=saved.values["lines"], choices=choices)


@router.post("/staff/flags/decide", include_in_schema=False)
async def decide_several(
    request: Request, page: EditorForm, api: Api, answers: SeveralFlags, results: FlagResults
) -> Response:
    """Decide about each of them as it was shown, and say line by line what became of it."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, SEVERAL, form)
    body, key = _read_decision(form, page), read_text(form, "key")
    if form.errors or not _chosen(form):
        return page.redirect("/staff/flags")
    saved = await results.load()
    if not saved or saved.values.get("key") != key:
        chosen = _chosen(form)
        flags = await load_flags(api, [flag for flag, _ in chosen])
        lines = [await _decide(page, api, flag, shown, body, flags.get(flag)) for flag, shown in chosen]
        await results.save(key=key, lines=lines)
    await forget_answers(answers)
    return results.keep(page.redirect("/staff/flags/decide"))


@router.get("/staff/flags/{id}/{statement_id}/{item_id}", include_in_schema=False)
async def show_flag(
    id: UUID, statement_id: UUID, item_id: UUID, page: EditorPage, api: Api, answers: FlagJourney
) -> Response:
    """Show a statement beside what changed, and ask whether it still stands."""
    key = FlagKey(str(id), str(statement_id), str(item_id))
    saved = await restore_answers(answers, statement_id)
    return await _show(page, api, key, Form(saved if saved.get("item") == str(item_id) else {}))


@router.post("/staff/flags/{id}/{statement_id}/{item_id}", include_in_schema=False)
async def decide_flag(
    id: UUID,
    statement_id: UUID,
    item_id: UUID,
    request: Request,
    page: EditorForm,
    api: Api,
    answers: FlagJourney,
) -> Response:
    """Decide about it, unless something has changed since it was shown."""
    form = await submitted_form(request)
    key = FlagKey(str(id), str(statement_id), str(item_id))
    if not page.signed_in:
        form.values["item"] = str(item_id)
        return await sign_in_with_answers(answers, page, statement_id, form)
    body = _read_decision(form, page)
    conflict = False
    if not form.errors:
        try:
            await decide(api, key, read_text(form, "shown"), body)
        except NotDecided as error:
            if error.is_done:
                return page.redirect("/staff/flags", done="already")
            conflict = True
            form.errors[""] = page.text(error.reason)
        except ApiRefusal as error:
            if error.status not in (409, 422):
                raise
            form.add_refusal(error)
        else:
            await forget_answers(answers)
            return page.redirect("/staff/flags", done=body["decision"])
    return await _show(page, api, key, form, status=412 if conflict else 422)


async def _list(
    page: WebPage,
    api: PublicApi,
    form: Form,
    *,
    mine: bool = False,
    decided: bool = False,
    cursor: str | None = None,
    done: str = "",
) -> Response:
    flags = await api.get("/v1/guides/flags", mine=mine, decided=decided, cursor=cursor, limit=MAX_FLAGS, count=True)
    keys = [FlagKey.of(flag) for flag in flags["items"]]
    citations, instruments = await asyncio.gather(load_flags(api, keys, with_evidence=True), load_instruments(api))
    return page.render(
        f"{TEMPLATES}/flags.html",
        status=422 if form.errors else 200,
        form=form,
        flags=[(flag, citations.get(key)) for flag, key in zip(flags["items"], keys, strict=True)],
        total=flags["total"],
        next=next_page("/staff/flags", flags["next"]),
        instruments=instruments,
        chosen=[flag for flag, _ in _chosen(form)],
        decided=decided,
        done=done,
        choices=choices,
    )


async def _show(page: WebPage, api: PublicApi, key: FlagKey, form: Form, *, status: int = 200) -> Response:
    flagged, instruments = await asyncio.gather(load_flag(api, key, with_evidence=True), load_instruments(api))
    if flagged is None:
        raise NotFound
    return page.render(
        f"{TEMPLATES}/flag.html",
        status=status,
        form=form,
        flagged=flagged,
        instruments=instruments,
        is_decided=key in await _decided(api),
        choices=choices,
    )


async def _preview(page: WebPage, api: PublicApi, form: Form, body: Document) -> Response:
    chosen = _chosen(form)
    flags, decided = await asyncio.gather(load_flags(api, [key for key, _ in chosen]), _decided(api))
    will: list[FlaggedCitation] = []
    will_not: list[tuple[FlaggedCitation | None, str]] = []
    for key, shown in chosen:
        flagged = flags.get(key)
        reason = DECIDED if key in decided else _reason_against(flagged, shown, body["decision"])
        if flagged is None or reason:
            will_not.append((flagged, reason or GONE))
        else:
            will.append(flagged)
    return page.render(
        f"{TEMPLATES}/preview.html", form=form, body=body, will=will, will_not=will_not, key=new_key(), choices=choices
    )


def _reason_against(flagged: FlaggedCitation | None, shown: str, decision: str) -> str | None:
    try:
        return check(flagged, shown).reason_against(decision)
    except NotDecided as error:
        return error.reason


async def _decide(
    page: WebPage, api: PublicApi, key: FlagKey, shown: str, body: Document, flagged: FlaggedCitation | None
) -> dict[str, Any]:
    """Decide about one of several; return the line that says what became of it."""
    line: dict[str, Any] = {"path": key.path, "done": False, "detail": ""}
    line["statement"] = flagged.statement["text"] if flagged else page.text("A statement that no longer exists")
    line["item"] = flagged.citation["title"] if flagged else None
    try:
        await decide(api, key, shown, body)
    except NotDecided as error:
        return {**line, "detail": page.text(error.reason)}
    except ApiRefusal as error:
        return {**line, "detail": error.detail}
    return {**line, "done": True}


async def _decided(api: PublicApi) -> set[FlagKey]:
    """Return the flags that the next edition of a guide will carry out a decision about."""
    flags = await api.find_aside("/v1/guides/flags", decided=True, limit=MAX_DECIDED)
    return {FlagKey.of(flag) for flag in flags.get("items", ())}


def _read_decision(form: Form, page: WebPage) -> Document:
    decision = form.choice("decision", tuple(choices.DECISIONS), missing=page.text("Choose what to do"))
    because = read_text(form, "because", longest=MAX_TEXT, too_long=page.text(TOO_LONG[MAX_TEXT]))
    if decision == "keep" and not because:
        form.errors["because"] = page.text("Say why the statement still applies. Readers see this")
    return {"decision": decision, **({"because": because} if decision == "keep" else {})}


def _chosen(form: Form) -> list[tuple[FlagKey, str]]:
    """Return the flags that were chosen, each with the fingerprint of what was shown."""
    value: Any = form.values.get("flag") or []
    parts = [str(text).split("/") for text in ([value] if isinstance(value, str) else value)]
    return [(FlagKey(*_ids(names[:3])), names[3]) for names in parts if len(names) == 4]


def _ids(names: list[str]) -> list[str]:
    """Return ids, checked, since they become part of addresses. Raises NotFound."""
    try:
        return [str(UUID(name)) for name in names]
    except ValueError:
        raise NotFound from None
