"""`/staff/imports/{id}/records` and `/rejects`: what became of each record, and why some were rejected."""

import asyncio
from typing import Final
from uuid import UUID

from starlette.responses import Response

from gateway.web.api_client import Api
from gateway.web.layout.page import EditorPage
from gateway.web.lists import next_page
from gateway.web.work.imports import choices
from shared.http.conditional_requests import create_router

router = create_router("", "Work")

TEMPLATES: Final = "work/imports/templates"
PAGE_ITEMS: Final = 50


@router.get("/staff/imports/{id}/records", include_in_schema=False)
async def list_records(
    id: UUID, page: EditorPage, api: Api, outcome: str | None = None, cursor: str | None = None
) -> Response:
    """List what became of each record, in the order of the file; with `outcome`, of those alone."""
    chosen = outcome if outcome in choices.OUTCOMES else None
    job, records = await asyncio.gather(
        api.get(f"/v1/imports/{id}"),
        api.get(f"/v1/imports/{id}/records", outcome=chosen, limit=PAGE_ITEMS, cursor=cursor),
    )
    path = f"/staff/imports/{id}/records"
    views = [(path, page.text("All of them"), chosen is None)]
    views += [(f"{path}?outcome={code}", text, chosen == code) for code, text in choices.pairs(page, choices.OUTCOMES)]
    return page.render(
        f"{TEMPLATES}/records.html",
        job=job,
        records=records["items"],
        following=next_page(records),
        views=views,
        choices=choices,
    )


@router.get("/staff/imports/{id}/rejects", include_in_schema=False)
async def list_rejects(
    id: UUID,
    page: EditorPage,
    api: Api,
    sent: UUID | None = None,
    number: int | None = None,
    cursor: str | None = None,
) -> Response:
    """List the rejected records with the reasons; after one was `sent` again, what became of it."""
    job, rejects, corrected = await asyncio.gather(
        api.get(f"/v1/imports/{id}"),
        api.get(f"/v1/imports/{id}/rejects", limit=PAGE_ITEMS, cursor=cursor),
        api.find_aside(f"/v1/imports/{sent}") if sent else _nothing(),
    )
    return page.render(
        f"{TEMPLATES}/rejects.html",
        job=job,
        rejects=rejects["items"],
        following=next_page(rejects),
        corrected=corrected,
        number=number,
        statuses=choices.STATUSES,
    )


async def _nothing() -> dict[str, object]:
    return {}
