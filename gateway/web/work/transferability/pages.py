"""`/staff/evidence/{id}/transferability`: judgements of an item for other places: made, changed, removed."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web import vocabulary
from gateway.web.addresses import next_page
from gateway.web.api_client import Api, ApiRefusal, ApiResponse, Document, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import idempotency_key, new_key
from gateway.web.layout.callers import is_editor
from gateway.web.layout.page import FacilitatorForm, FacilitatorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, open_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.transferability.forms import POINTERS, read_judgement, values_of
from shared import clock
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/transferability/templates"
PAGE_JUDGEMENTS: Final = 20
REFUSALS: Final = (403, 409, 412, 422)
OTHER_COUNTRIES: Final = ("IE", "GB")
Transfer = Annotated[Journey, Depends(journey("transferability"))]


@router.get("/staff/evidence/{id}/transferability", include_in_schema=False)
async def list_judgements(
    id: UUID, page: FacilitatorPage, api: Api, cursor: str | None = None, done: str | None = None
) -> Response:
    """List for which places the item was judged."""
    path = f"/v1/evidence/{id}/transferability"
    item = await api.read(f"/v1/evidence/{id}")
    if item.status >= 300:
        return page.redirect(f"/evidence/{id}")
    judgements = await api.get(path, limit=PAGE_JUDGEMENTS, count=True, cursor=cursor)
    return page.render(
        f"{TEMPLATES}/judgements.html",
        item=item.document,
        judgements=judgements["items"],
        total=judgements["total"],
        following=next_page(page.path, judgements.get("next")),
        may_change_all=is_editor(page.caller),
        done=done,
    )


@router.get("/staff/evidence/{id}/transferability/new", include_in_schema=False)
async def show_form(id: UUID, page: FacilitatorPage, api: Api, answers: Transfer) -> Response:
    """Ask for a judgement for another place."""
    role = "evidence_editor" if is_editor(page.caller) else "facilitator"
    values = {"key": new_key(), "judged_by": role, "judged_on": clock.today().isoformat()}
    return answers.keep(await _show(page, api, id, Form(values | await open_answers(answers, id))))


@router.post("/staff/evidence/{id}/transferability/new", include_in_schema=False)
async def create_judgement(id: UUID, request: Request, page: FacilitatorForm, api: Api, answers: Transfer) -> Response:
    """Store the judgement."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    body = await _read(api, form, page)
    if not form.errors:
        try:
            path = f"/v1/evidence/{id}/transferability"
            await api.send("POST", path, body, idempotency_key=idempotency_key(form, body))
        except ApiRefusal as error:
            return await _refused(page, api, id, form, error)
        await forget_answers(answers)
        return page.redirect(f"/staff/evidence/{id}/transferability", done="created")
    return await _show(page, api, id, form, status=422)


@router.get("/staff/evidence/{id}/transferability/{judgement_id}", include_in_schema=False)
async def show_judgement(id: UUID, judgement_id: UUID, page: FacilitatorPage, api: Api, answers: Transfer) -> Response:
    """Show a judgement, to be changed."""
    response = await api.read(f"/v1/evidence/{id}/transferability/{judgement_id}")
    if response.status >= 300:
        return page.redirect(f"/evidence/{id}")
    saved = await open_answers(answers, judgement_id)
    values = {**values_of(response.document), "key": new_key(), "etag": response.etag, **saved}
    return answers.keep(await _show(page, api, id, Form(values), judgement=response))


@router.post("/staff/evidence/{id}/transferability/{judgement_id}", include_in_schema=False)
async def change_judgement(
    id: UUID, judgement_id: UUID, request: Request, page: FacilitatorForm, api: Api, answers: Transfer
) -> Response:
    """Change the judgement as it was shown."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, judgement_id, form)
    path = f"/v1/evidence/{id}/transferability/{judgement_id}"
    body = await _read(api, form, page)
    if not form.errors:
        try:
            await api.send("PATCH", path, await _patch(api, path, body), etag=form.text("etag"))
        except ApiRefusal as error:
            return await _refused(page, api, id, form, error, await api.read(path))
        await forget_answers(answers)
        return page.redirect(f"/staff/evidence/{id}/transferability", done="changed")
    return await _show(page, api, id, form, status=422, judgement=await api.read(path))


@router.get("/staff/evidence/{id}/transferability/{judgement_id}/delete", include_in_schema=False)
async def confirm_removal(id: UUID, judgement_id: UUID, page: FacilitatorPage, api: Api) -> Response:
    """Ask whether it is to be removed."""
    response = await api.read(f"/v1/evidence/{id}/transferability/{judgement_id}")
    if response.status >= 300:
        return page.redirect(f"/evidence/{id}")
    return page.render(f"{TEMPLATES}/delete.html", form=Form(), judgement=response.document, etag=response.etag, id=id)


@router.post("/staff/evidence/{id}/transferability/{judgement_id}/delete", include_in_schema=False)
async def remove_judgement(id: UUID, judgement_id: UUID, request: Request, page: FacilitatorForm, api: Api) -> Response:
    """Remove the judgement as it was shown. A second press finds that this is done."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=page.here)
    form = await submitted_form(request)
    path = f"/v1/evidence/{id}/transferability/{judgement_id}"
    try:
        await api.send("DELETE", path, etag=form.text("etag"))
    except ApiRefusal as error:
        if error.status in (403, 409, 412):
            form.add_refusal(error)
            response = await api.read(path)
            return page.render(
                f"{TEMPLATES}/delete.html",
                status=error.status,
                form=form,
                judgement=response.document,
                etag=response.etag,
                id=id,
            )
        if error.status != 410:
            raise
    return page.redirect(f"/staff/evidence/{id}/transferability", done="removed")


async def _read(api: PublicApi, form: Form, page: WebPage) -> dict[str, Any]:
    criteria = await api.get("/v1/evidence/transferability/criteria")
    return read_judgement(form, page, criteria["parts"])


async def _patch(api: PublicApi, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the change as JSON Merge Patch: a criterion that is no longer answered is removed."""
    before: Document = await api.get(path)
    for part, judged in before["parts"].items():
        for name in judged["criteria"]:
            body["parts"][part]["criteria"].setdefault(name, None)
    return body


async def _refused(
    page: WebPage, api: PublicApi, id: UUID, form: Form, error: ApiRefusal, judgement: ApiResponse | None = None
) -> Response:
    """Show the form with what the API refused. Raises ApiRefusal for what no form can mend."""
    if error.status not in REFUSALS:
        raise error
    form.add_refusal(error, POINTERS)
    if error.status == 412:
        form.errors[""] = page.text(
            "The judgement or the item has changed since you opened this. Compare them below, then save again."
        )
    return await _show(page, api, id, form, status=error.status, judgement=judgement)


async def _show(
    page: WebPage,
    api: PublicApi,
    id: UUID,
    form: Form,
    *,
    status: int = 200,
    judgement: ApiResponse | None = None,
) -> Response:
    item, criteria = await asyncio.gather(
        api.read(f"/v1/evidence/{id}"), api.get("/v1/evidence/transferability/criteria")
    )
    if item.status >= 300:
        return page.redirect(f"/evidence/{id}")
    if judgement is not None and status == 412:
        form.values["etag"] = judgement.etag
    countries = [(code, page.text(name)) for code, name in vocabulary.NATIONS.items()]
    countries += [(code, page.text(vocabulary.country(code))) for code in OTHER_COUNTRIES]
    chosen = str(form.values.get("country") or "")
    if chosen and chosen not in dict(countries):
        countries.append((chosen, vocabulary.country(chosen)))
    return page.render(
        f"{TEMPLATES}/judgement.html",
        status=status,
        form=form,
        item=item.document,
        parts_of_judgement=criteria["parts"],
        countries=[("", page.text("Choose a country")), *countries],
        judges=[(code, page.text(name)) for code, name in vocabulary.JUDGES.items()],
        judgement=judgement.document if judgement else None,
        stored=values_of(judgement.document) if judgement and status == 412 else None,
        address=page.path,
    )
