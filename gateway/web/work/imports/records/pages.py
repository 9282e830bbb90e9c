"""`/staff/imports/{id}/records` and `/rejects`: what became of each record, and why some were rejected."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from gateway.web.api_client import Api
from gateway.web.layout.page import EditorPage
from gateway.web.lists import next_page
from gateway.web.work.imports import choices
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/imports/templates"
PAGE_ITEMS: Final = 50
RejectNumber = Annotated[int, Query(ge=1, le=2**31 - 1)]


@router.get("/staff/imports/{id}/records", include_in_schema=False)
async def list_records(
    id: UUID, page: EditorPage, api: Api, outcome: str | None = None, cursor: str | None = None
) -> Response:
    """List what became of each record, in the order of the file; with `outcome`, of those alone."""
    path = f"/staff/imports/{id}/records"
    chosen = outcome if outcome in choices.OUTCOMES else None
    job, records = await asyncio.gather(
        api.get(f"/v1/imports/{id}"),
        api.get(f"/v1/imports/{id}/records", outcome=chosen, limit=PAGE_ITEMS, cursor=cursor),
    )
    return page.render(
        f"{TEMPLATES}/records.html",
        job=job,
        records=records["items"],
        following=next_page(records),
        views=choices.outcome_views(page, path, choices.OUTCOMES),
        current=f"{path}?outcome={chosen}" if chosen else path,
        choices=choices,
    )


@router.get("/staff/imports/{id}/rejects", include_in_schema=False)
async def list_rejects(
    id: UUID, page: EditorPage, api: Api, sent: RejectNumber | None = None, cursor: str | None = None
) -> Response:
    """List the rejected records with the reasons; after the one of number `sent` went again, what became of it."""
    path = f"/v1/imports/{id}/rejects"
    job, rejects, corrected = await asyncio.gather(
        api.get(f"/v1/imports/{id}"),
        api.get(path, limit=PAGE_ITEMS, cursor=cursor),
        api.find_aside(f"{path}/{sent}") if sent else _nothing(),
    )
    return page.render(
        f"{TEMPLATES}/rejects.html",
        job=job,
        rejects=rejects["items"],
        following=next_page(rejects),
        corrected=corrected,
    )


async def _nothing() -> dict[str, object]:
    return {}
