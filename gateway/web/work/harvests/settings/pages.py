"""`/staff/harvests/{id}/edit` and `/delete`: change a harvest, or end it."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, ApiResponse, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.saved_answers.about_one import forget_answers, restore_answers, sign_in_with_answers
from gateway.web.saved_answers.journey import Journey, journey
from gateway.web.work.harvests import forms
from gateway.web.work.harvests.pages import form_context
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/harvests/templates"
Changes = Annotated[Journey, Depends(journey("harvest"))]


@router.get("/staff/harvests/{id}/edit", include_in_schema=False)
async def show_settings(id: UUID, page: EditorPage, api: Api, answers: Changes) -> Response:
    """Show the settings, or what was written before the session ended."""
    response = await api.read(f"/v1/harvests/{id}")
    first = {**forms.values_of(response.document), "key": new_key(), "etag": response.etag}
    return await _page(page, api, response, Form(first | await restore_answers(answers, id)))


@router.post("/staff/harvests/{id}/edit", include_in_schema=False)
async def update_harvest(request: Request, id: UUID, page: EditorForm, api: Api, answers: Changes) -> Response:
    """Change the settings. Where somebody else has changed them meanwhile, both are shown."""
    form = await submitted_form(request)
    if not page.signed_in:
        return await sign_in_with_answers(answers, page, id, form)
    body = forms.read_settings(page, form)
    conflict = False
    if not form.errors:
        try:
            await api.send("PATCH", f"/v1/harvests/{id}", body, etag=str(form.values.get("etag") or ""))
        except ApiRefusal as error:
            if error.status == 412:
                conflict = True
                form.errors[""] = page.text(
                    "Somebody has changed this since you opened the page."
                    " Compare the current settings with yours, and save again to replace them."
                )
            else:
                form.add_refusal(error)
        else:
            await forget_answers(answers)
            return page.redirect(f"/staff/harvests/{id}", done="saved")
    response = await api.read(f"/v1/harvests/{id}")
    if conflict:
        form.values["etag"] = response.etag
    return await _page(page, api, response, form, conflict=conflict)


@router.get("/staff/harvests/{id}/delete", include_in_schema=False)
async def confirm_end(id: UUID, page: EditorPage, api: Api) -> Response:
    """Say what goes and what stays, and ask whether it is meant."""
    response = await api.read(f"/v1/harvests/{id}")
    return page.render(f"{TEMPLATES}/delete.html", harvest=response.document, etag=response.etag, form=Form())


@router.post("/staff/harvests/{id}/delete", include_in_schema=False)
async def delete_harvest(request: Request, id: UUID, page: EditorForm, api: Api) -> Response:
    """End the harvest. One that was ended before, by a first press too, is ended."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=page.here)
    form = await submitted_form(request)
    try:
        await api.send("DELETE", f"/v1/harvests/{id}", etag=str(form.values.get("etag") or ""))
    except ApiRefusal as error:
        if error.status == 412:
            form.errors[""] = page.text("This has changed since you opened the page. Look at it again, then decide.")
            response = await api.read(f"/v1/harvests/{id}")
            return page.render(
                f"{TEMPLATES}/delete.html", status=422, harvest=response.document, etag=response.etag, form=form
            )
        if error.status != 410:
            raise
    return page.redirect("/staff/harvests", ended="true")


async def _page(
    page: WebPage, api: PublicApi, response: ApiResponse, form: Form, *, conflict: bool = False
) -> Response:
    context = await form_context(page, api)
    return page.render(
        f"{TEMPLATES}/edit.html",
        status=422 if form.errors else 200,
        form=form,
        harvest=response.document,
        conflict=forms.values_of(response.document) if conflict else None,
        **context,
    )
