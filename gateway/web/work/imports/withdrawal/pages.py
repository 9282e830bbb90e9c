"""`/staff/imports/{id}/withdraw`: what taking an import back would do, and doing it."""

import asyncio
from typing import Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.web.api_client import Api, ApiRefusal, PublicApi
from gateway.web.forms import Form, submitted_form
from gateway.web.idempotency_keys import new_key
from gateway.web.layout.page import EditorForm, EditorPage, WebPage
from gateway.web.lists import next_page
from gateway.web.work.imports import choices
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

PAGE_ITEMS: Final = 50


@router.get("/staff/imports/{id}/withdraw", include_in_schema=False)
async def show_withdrawal(id: UUID, page: EditorPage, api: Api, cursor: str | None = None) -> Response:
    """Show what would go, and what would stay and why."""
    return await _page(page, api, id, Form({"key": new_key()}), cursor)


@router.post("/staff/imports/{id}/withdraw", include_in_schema=False)
async def withdraw_import(request: Request, id: UUID, page: EditorForm, api: Api) -> Response:
    """Take the import back, if it is still as it was shown."""
    if not page.signed_in:
        return page.redirect("/sign-in", next=page.here)
    form = await submitted_form(request)
    key, etag = (str(form.values.get(name) or "") or None for name in ("key", "etag"))
    try:
        await api.send("POST", f"/v1/imports/{id}/withdraw", etag=etag, idempotency_key=key)
    except ApiRefusal as error:
        if error.status == 412:
            form.errors[""] = page.text(
                "This import has changed since you opened the page."
                " Check the numbers again. If they are right, take it back now."
            )
        elif error.status == 409:
            form.add_refusal(error)
        else:
            raise
        form.values["key"] = new_key()
        return await _page(page, api, id, form)
    return page.redirect(f"/staff/imports/{id}")


async def _page(page: WebPage, api: PublicApi, id: UUID, form: Form, cursor: str | None = None) -> Response:
    response, withdrawal, stays = await asyncio.gather(
        api.read(f"/v1/imports/{id}"),
        api.get(f"/v1/imports/{id}/withdrawal"),
        api.get(f"/v1/imports/{id}/withdrawal/stays", limit=PAGE_ITEMS, cursor=cursor),
    )
    return page.render(
        "work/imports/templates/withdraw.html",
        status=422 if form.errors else 200,
        form=form,
        job=response.document,
        etag=response.etag,
        withdrawal=withdrawal,
        stays=stays["items"],
        following=next_page(stays),
        choices=choices,
    )
