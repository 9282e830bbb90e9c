"""`/staff/learning/{id}/questions` and `/media`: one on a page; adding, changing and removing it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Depends, Path, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.guides.forms import read_text
from gateway.web.work.learning import forms
from gateway.web.work.learning.parts.changes import MAX_PARTS, PartChange, PartChanged, change_piece, fingerprint
from gateway.web.work.text_changes import TextChange, compare_texts
from shared.http.conditional_requests import create_router

router = create_router("", "Work on learning")

TEMPLATES: Final = "work/learning/templates"
PartJourney = Annotated[Journey, Depends(journey("learning-part"))]
PartName = Literal["questions", "media"]
Number = Annotated[int, Path(ge=1, le=max(MAX_PARTS.values()))]


@dataclass(frozen=True, slots=True)
class PartForm:
    """How a part is shown as a form, read and compared."""

    template: str
    values_of: Callable[[Document | None], dict[str, Any]]
    read: Callable[[Form, WebPage], Document]
    texts_of: Callable[[Document], dict[tuple[str, str], str]]


FORMS: Final[dict[str, PartForm]] = {
    "questions": PartForm(
        f"{TEMPLATES}/question.html", forms.values_of_question, forms.read_question, forms.texts_of_question
    ),
    "media": PartForm(f"{TEMPLATES}/medium.html", forms.values_of_medium, forms.read_medium, forms.texts_of_medium),
}


@router.get("/staff/learning/{id}/{name}/new", include_in_schema=False)
async def show_new_part(id: UUID, name: PartName, page: EditorPage, api: Api, answers: PartJourney) -> Response:
    """Show the form of a new question or medium, where there is room for one."""
    piece = await api.get(f"/v1/learning/{id}")
    if len(piece[name]) >= MAX_PARTS[name]:
        return page.redirect(f"/staff/learning/{id}?done=full#{name}")
    return await _show(page, piece, name, None, answers)


@router.post("/staff/learning/{id}/{name}/new", include_in_schema=False)
async def add_part(
    id: UUID, name: PartName, request: Request, page: EditorForm, api: Api, answers: PartJourney
) -> Response:
    """Add a question or medium behind those that are there."""
    return await _save(request, page, api, answers, id, name, None)


@router.get("/staff/learning/{id}/{name}/{number}", include_in_schema=False)
async def show_part(
    id: UUID, name: PartName, number: Number, page: EditorPage, api: Api, answers: PartJourney
) -> Response:
    """Show a question or medium as a form."""
    piece = await api.get(f"/v1/learning/{id}")
    if number > len(piece[name]):
        return page.redirect(f"/staff/learning/{id}?done=changed#{name}")
    return await _show(page, piece, name, number, answers)


@router.post("/staff/learning/{id}/{name}/{number}", include_in_schema=False)
async def change_part(
    id: UUID, name: PartName, number: Number, request: Request, page: EditorForm, api: Api, answers: PartJourney
) -> Response:
    """Save a question or medium, unless somebody else has changed it since it was shown."""
    return await _save(request, page, api, answers, id, name, number)


@router.get("/staff/learning/{id}/{name}/{number}/remove", include_in_schema=False)
async def show_removal(id: UUID, name: PartName, number: Number, page: EditorPage, api: Api) -> Response:
    """Ask whether this question or medium is to be removed."""
    piece = await api.get(f"/v1/learning/{id}")
    if number > len(piece[name]):
        return page.redirect(f"/staff/learning/{id}?done=changed#{name}")
    part = piece[name][number - 1]
    return _ask_removal(
        page, piece, name, number, part, Form({"shown": fingerprint(part), "of": str(len(piece[name]))})
    )


@router.post("/staff/learning/{id}/{name}/{number}/remove", include_in_schema=False)
async def remove_part(
    id: UUID, name: PartName, number: Number, request: Request, page: EditorForm, api: Api
) -> Response:
    """Remove the one that was shown. Where that is gone there is nothing to do; where it has changed it stays."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=page.here)
    form = await submitted_form(request)
    change = PartChange(name, read_text(form, "shown"), None)
    try:
        await change_piece(api, id, change.apply)
        piece = await api.get(f"/v1/learning/{id}")
    except ApiRefusal as error:
        if error.status not in (409, 422):
            raise
        form.add_refusal(error)
        piece = await api.get(f"/v1/learning/{id}")
        position = change.position(piece[name])
        if position is None:
            return page.redirect(f"/staff/learning/{id}?done=changed#{name}")
        return _ask_removal(page, piece, name, number, piece[name][position], form)
    done = "changed" if str(len(piece[name])) == form.values.get("of") else "removed"
    return page.redirect(f"/staff/learning/{id}?done={done}#{name}")


async def _show(page: WebPage, piece: Document, name: PartName, number: int | None, answers: Journey) -> Response:
    part = None if number is None else piece[name][number - 1]
    saved = await restore_answers(answers, _about(piece["id"], name, number))
    form = Form({**FORMS[name].values_of(part), "shown": fingerprint(part), **saved})
    return _render(page, piece, name, number, form, restored=bool(saved))


async def _save(
    request: Request,
    page: WebPage,
    api: PublicApi,
    answers: Journey,
    id: UUID,
    name: PartName,
    number: int | None,
) -> Response:
    form = await submitted_form(request)
    about = _about(id, name, number)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, about, form)
    if form.values.get("do") == "option":
        return await _keep(page, api, answers, about, form)
    body = FORMS[name].read(form, page)
    if form.errors:
        return await _keep(page, api, answers, about, form)
    change = PartChange(name, read_text(form, "shown"), body)
    try:
        await change_piece(api, id, change.apply)
    except PartChanged:
        return await _show_conflict(page, api, id, name, number, form, body)
    except ApiRefusal as error:
        if error.status not in (409, 422):
            raise
        parts = (await api.get(f"/v1/learning/{id}"))[name]
        position = change.position(parts)
        _add_refusal(form, error, name, len(parts) if position is None else position)
        return await _keep(page, api, answers, about, form)
    await forget_answers(answers)
    return page.redirect(f"/staff/learning/{id}?done=saved#{name}")


async def _keep(page: WebPage, api: PublicApi, answers: Journey, about: str, form: Form) -> Response:
    """Show what was written again, and keep it for whoever comes back later."""
    await answers.save(about=about, values=dict(form.values))
    id, name, number = about.split("/")
    piece = await api.get(f"/v1/learning/{id}")
    return answers.keep(_render(page, piece, name, int(number) or None, form))


async def _show_conflict(
    page: WebPage, api: PublicApi, id: UUID, name: PartName, number: int | None, form: Form, body: Document
) -> Response:
    """Show what was written again, beside what stands there now; to save it then is a decision."""
    piece = await api.get(f"/v1/learning/{id}")
    part = piece[name][number - 1] if number and number <= len(piece[name]) else None
    texts_of = FORMS[name].texts_of
    changes = compare_texts(texts_of(part), texts_of(body)) if part else []
    form.values["shown"] = fingerprint(part)
    return _render(page, piece, name, number if part else None, form, conflict=True, changes=changes)


def _about(id: object, name: str, number: int | None) -> str:
    return f"{id}/{name}/{number or 0}"


def _add_refusal(form: Form, refusal: ApiRefusal, name: str, place: int) -> None:
    """Note what the API refused of the part at this place, at its fields."""
    start = f"/{name}/{place}"
    names = {f"{start}/{field}": field for field in ("ask", "why", "right", "title", "url", "seconds")}
    names |= {f"{start}/options/{index}": f"option-{index + 1}" for index in range(forms.MAX_OPTIONS)}
    form.add_refusal(refusal, names)


def _render(
    page: WebPage,
    piece: Document,
    name: str,
    number: int | None,
    form: Form,
    *,
    conflict: bool = False,
    changes: Sequence[TextChange] = (),
    restored: bool = False,
) -> Response:
    return page.render(
        FORMS[name].template,
        status=412 if conflict else 422 if form.errors else 200,
        form=form,
        piece=piece,
        number=number,
        path=f"/staff/learning/{piece['id']}/{name}/{number or 'new'}",
        boxes=forms.count_boxes(form),
        most=forms.MAX_OPTIONS,
        conflict=conflict,
        changes=changes,
        restored=restored,
    )


def _ask_removal(page: WebPage, piece: Document, name: PartName, number: int, part: Document, form: Form) -> Response:
    return page.render(
        f"{TEMPLATES}/remove.html",
        status=422 if form.errors else 200,
        form=form,
        piece=piece,
        part=part,
        path=f"/staff/learning/{piece['id']}/{name}/{number}",
        name=name,
        number=number,
    )
