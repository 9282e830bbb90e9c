"""`/staff/guides/{id}/statements`: one statement with its evidence beside it, its place, deleting it and back."""

from collections.abc import Sequence
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.guides import choices
from gateway.web.work.guides.drafts import GuideDraft, StatementChanged, change_statements, find_draft
from gateway.web.work.guides.evidence import load_evidence, load_instruments, search_evidence
from gateway.web.work.guides.forms import TEXTS, add_statement_refusal, check_whys, read_statement, read_text, values_of
from gateway.web.work.guides.statements.changes import StatementChange, delete, move, put_back
from gateway.web.work.text_changes import TextChange, compare_documents
from shared.http.conditional_requests import create_router

router = create_router("", "Work on guides")

TEMPLATE: Final = "work/guides/templates/statement.html"
StatementJourney = Annotated[Journey, Depends(journey("guide-statement"))]
DeletedStatements = Annotated[Journey, Depends(journey("guide-deleted"))]


@router.get("/staff/guides/{id}/statements/new", include_in_schema=False)
async def show_new_statement(id: UUID, page: EditorPage, api: Api, answers: StatementJourney, q: str = "") -> Response:
    """Show the form of a new statement."""
    return await _show(page, api, id, "", answers, q=q)


@router.post("/staff/guides/{id}/statements/new", include_in_schema=False)
async def add_statement(id: UUID, request: Request, page: EditorForm, api: Api, answers: StatementJourney) -> Response:
    """Add a statement at the end of the guide."""
    return await _save(request, page, api, answers, id, "")


@router.post("/staff/guides/{id}/statements/restore", include_in_schema=False)
async def restore_statement(id: UUID, page: EditorForm, api: Api, deleted: DeletedStatements) -> Response:
    """Put the statement back that was deleted last."""
    path = f"/staff/guides/{id}"
    if not page.signed_in:
        return page.redirect("/sign-in", next=path)
    saved = await restore_answers(deleted, id)
    if not saved:
        return page.redirect(path)
    statement, position = saved["statement"], saved["position"]
    try:
        await change_statements(api, id, lambda draft: put_back(draft, statement, position, with_id=True))
    except StatementChanged:
        return page.redirect(path, done="changed")
    except ApiRefusal as error:
        if error.status != 422:
            raise
        await change_statements(api, id, lambda draft: put_back(draft, statement, position, with_id=False))
    await forget_answers(deleted)
    return page.redirect(path, done="restored")


@router.get("/staff/guides/{id}/statements/{statement_id}", include_in_schema=False)
async def show_statement(
    id: UUID,
    statement_id: UUID,
    page: EditorPage,
    api: Api,
    answers: StatementJourney,
    q: str = "",
    done: str = "",
) -> Response:
    """Show a statement as a form, and beside it what it cites."""
    return await _show(page, api, id, str(statement_id), answers, q=q, done=done)


@router.post("/staff/guides/{id}/statements/{statement_id}", include_in_schema=False)
async def change_statement(
    id: UUID, statement_id: UUID, request: Request, page: EditorForm, api: Api, answers: StatementJourney
) -> Response:
    """Save a statement, with a citation more or less where that was pressed."""
    return await _save(request, page, api, answers, id, str(statement_id))


@router.post("/staff/guides/{id}/statements/{statement_id}/move", include_in_schema=False)
async def move_statement(id: UUID, statement_id: UUID, request: Request, page: EditorForm, api: Api) -> Response:
    """Move a statement up or down by one place."""
    path = f"/staff/guides/{id}"
    if not page.signed_in:
        return page.redirect("/sign-in", next=path)
    form = await submitted_form(request)
    order, up = str(form.values.get("order") or ""), form.values.get("direction") == "up"
    try:
        await change_statements(api, id, lambda draft: move(draft, str(statement_id), order, up=up))
    except StatementChanged:
        return page.redirect(path, done="changed")
    return page.redirect(f"{path}?done=moved#statement-{statement_id}")


@router.post("/staff/guides/{id}/statements/{statement_id}/delete", include_in_schema=False)
async def delete_statement(
    id: UUID, statement_id: UUID, request: Request, page: EditorForm, api: Api, deleted: DeletedStatements
) -> Response:
    """Delete a statement; for a day it can be put back."""
    path = f"/staff/guides/{id}"
    if not page.signed_in:
        return page.redirect("/sign-in", next=path)
    form = await submitted_form(request)
    shown = str(form.values.get("shown") or "")
    before = await find_draft(api, id)
    position = before.position(str(statement_id)) if before else None
    if before is None or position is None:
        return page.redirect(path, done="deleted")
    try:
        await change_statements(api, id, lambda draft: delete(draft, str(statement_id), shown))
    except StatementChanged:
        return page.redirect(path, done="changed")
    values = {"statement": before.statements[position], "position": position}
    await deleted.save(about=str(id), values=values)
    return deleted.keep(page.redirect(path, done="deleted"))


async def _show(
    page: WebPage, api: PublicApi, id: UUID, statement_id: str, answers: Journey, *, q: str, done: str = ""
) -> Response:
    draft = await find_draft(api, id)
    position = draft.position(statement_id) if draft else None
    if draft is None or (statement_id and position is None):
        return page.redirect(f"/staff/guides/{id}", **({"done": "changed"} if draft else {}))
    saved = await restore_answers(answers, UUID(statement_id or str(id)))
    values = values_of(None if position is None else draft.document["statements"][position])
    form = Form({**values, "shown": draft.fingerprint(statement_id), **saved, "q": q or saved.get("q", "")})
    return await _render(page, api, draft, statement_id, form, done=done, restored=bool(saved))


async def _save(
    request: Request, page: WebPage, api: PublicApi, answers: Journey, id: UUID, statement_id: str
) -> Response:
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, UUID(statement_id or str(id)), form)
    if form.values.get("do") == "search":
        return await _show_again(page, api, id, statement_id, form)
    words = read_statement(form, page)
    check_whys(form, page)
    cite, remove, shown = (read_text(form, name) for name in ("cite", "remove", "shown"))
    if form.errors:
        return await _show_again(page, api, id, statement_id, form)
    change = StatementChange(statement_id, words, form, shown, cite, remove)
    try:
        draft = await change_statements(api, id, change.apply)
    except StatementChanged:
        return await _show_conflict(page, api, id, statement_id, form)
    except ApiRefusal as error:
        return await _show_refusal(page, api, id, change, error)
    await forget_answers(answers)
    return _redirect(page, id, change, draft)


def _redirect(page: WebPage, id: UUID, change: StatementChange, draft: GuideDraft) -> Response:
    saved_id, words = change.id_in(draft), read_text(change.form, "q")
    if change.form.values.get("do") == "leave":
        return page.redirect(f"/staff/guides/{id}?done=saved#statement-{saved_id}")
    done = "cited" if change.cite else "removed" if change.remove else "saved"
    query = urlencode({"done": done} | ({"q": words} if words else {}))
    return page.redirect(f"/staff/guides/{id}/statements/{saved_id}?{query}#evidence")


async def _show_again(page: WebPage, api: PublicApi, id: UUID, statement_id: str, form: Form) -> Response:
    draft = await find_draft(api, id)
    if draft is None or (statement_id and draft.position(statement_id) is None):
        return await _show_conflict(page, api, id, statement_id, form)
    return await _render(page, api, draft, statement_id, form, status=422 if form.errors else 200)


async def _show_refusal(
    page: WebPage, api: PublicApi, id: UUID, change: StatementChange, refusal: ApiRefusal
) -> Response:
    draft = await find_draft(api, id)
    if draft is None:
        raise refusal
    position = draft.position(change.id)
    cited: list[Document] = [] if position is None else draft.document["statements"][position]["citations"]
    items = [citation["item_id"] for citation in cited if citation["item_id"] != change.remove]
    if change.cite:
        items.append(change.cite)
    place = len(draft.document["statements"]) if position is None else position
    add_statement_refusal(change.form, refusal, place, items)
    if error := change.form.errors.pop(f"why-{change.cite}", None):
        change.form.errors["q"] = error
    return await _render(page, api, draft, change.id, change.form, status=422)


async def _show_conflict(page: WebPage, api: PublicApi, id: UUID, statement_id: str, form: Form) -> Response:
    """Show what was written again, beside what stands there now; to save it then is a decision."""
    draft = await find_draft(api, id)
    if draft is None:
        document: Document = {**await api.get(f"/v1/guides/{id}"), "statements": []}
        draft = GuideDraft(document, "")
    position = draft.position(statement_id)
    changes: list[TextChange] = []
    if position is not None:
        written = {"statements": [{name: read_text(form, name) for name in TEXTS} | {"id": statement_id}]}
        changes = compare_documents({"statements": [draft.document["statements"][position]]}, written)
    form.values["shown"] = draft.fingerprint("" if position is None else statement_id)
    kept_id = "" if position is None else statement_id
    was_deleted = bool(statement_id) and position is None
    return await _render(
        page, api, draft, kept_id, form, status=412, conflict=True, was_deleted=was_deleted, changes=changes
    )


async def _render(
    page: WebPage,
    api: PublicApi,
    draft: GuideDraft,
    statement_id: str,
    form: Form,
    *,
    status: int = 200,
    conflict: bool = False,
    was_deleted: bool = False,
    changes: Sequence[TextChange] = (),
    restored: bool = False,
    done: str = "",
) -> Response:
    position = draft.position(statement_id)
    statements = draft.document["statements"]
    statement = None if position is None else statements[position]
    citations: list[Document] = statement["citations"] if statement else []
    evidence = await load_evidence(api, citations)
    return page.render(
        TEMPLATE,
        status=status,
        form=form,
        guide=draft.document,
        has_draft=bool(draft.etag),
        statement=statement,
        position=position,
        neighbours=(
            statements[position - 1]["id"] if position else None,
            statements[position + 1]["id"] if position is not None and position + 1 < len(statements) else None,
        ),
        path=f"/staff/guides/{draft.document['id']}/statements/{statement_id or 'new'}",
        evidence_of=evidence,
        instruments=await load_instruments(api) if evidence else {},
        search=await search_evidence(api, read_text(form, "q")),
        choices=choices,
        conflict=conflict,
        was_deleted=was_deleted,
        changes=changes,
        restored=restored,
        done=done,
    )
