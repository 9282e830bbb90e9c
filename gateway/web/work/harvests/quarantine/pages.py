"""`/staff/harvests/{id}/quarantine`: records that could not be stored, each with the reason, to be tried again."""

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
from gateway.web.work.harvests.forms import OUTCOMES
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

PAGE_ITEMS: Final = 20


@router.get("/staff/harvests/{id}/quarantine", include_in_schema=False)
async def list_quarantined(
    id: UUID, page: EditorPage, api: Api, cursor: str | None = None, stored: str = ""
) -> Response:
    """List the records that could not be stored; after one was, what became of it (`stored`)."""
    return await _page(page, api, id, Form(), cursor=cursor, stored=stored)


@router.post("/staff/harvests/{id}/quarantine/{record_id}/retry", include_in_schema=False)
async def retry_record(request: Request, id: UUID, record_id: UUID, page: EditorForm, api: Api) -> Response:
    """Try again to store a record. One that was stored meanwhile, by a first press too, is no longer here."""
    path = f"/staff/harvests/{id}/quarantine"
    if not page.signed_in:
        return page.redirect("/sign-in", next=path)
    form = await submitted_form(request)
    key = str(form.values.get("key") or "") or None
    try:
        address = f"/v1/harvests/{id}/quarantined-records/{record_id}/retry"
        response = await api.send("POST", address, idempotency_key=key)
    except ApiRefusal as error:
        if error.status not in (404, 409):
            raise
        form.errors[""] = error.detail
        return await _page(page, api, id, form)
    became = next((name for name in ("created", "matched", "changed", "deleted") if response.document[name]), "")
    return page.redirect(path, stored=became)


async def _page(
    page: WebPage, api: PublicApi, id: UUID, form: Form, *, cursor: str | None = None, stored: str = ""
) -> Response:
    harvest, records = await asyncio.gather(
        api.get(f"/v1/harvests/{id}"),
        api.get(f"/v1/harvests/{id}/quarantined-records", limit=PAGE_ITEMS, cursor=cursor),
    )
    return page.render(
        "work/harvests/templates/quarantine.html",
        status=422 if form.errors else 200,
        form=form,
        harvest=harvest,
        records=records["items"],
        following=next_page(records),
        stored=stored,
        outcomes=OUTCOMES,
        key=new_key(),
    )
