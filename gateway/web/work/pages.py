"""`/staff`: every queue of an evidence editor, with how much waits in it."""

import asyncio

from starlette.responses import Response

from gateway.web.api_client import Api, PublicApi
from gateway.web.layout.page import EditorPage
from gateway.web.work.queues import QUEUE_GROUPS, Queue
from shared.http.conditional_requests import create_router

router = create_router("", "Work")


@router.get("/staff", include_in_schema=False)
async def show_work(page: EditorPage, api: Api) -> Response:
    """Show the queues. A count that does not come is left out, and a page on which nothing waits has none."""
    queues = [queue for group in QUEUE_GROUPS for queue in group.queues]
    totals = await asyncio.gather(*(_count(api, queue) for queue in queues))
    return page.render("work/templates/work.html", groups=QUEUE_GROUPS, totals=dict(zip(queues, totals, strict=True)))


async def _count(api: PublicApi, queue: Queue) -> int | None:
    if queue.list is None:
        return None
    separator = "&" if "?" in queue.list else "?"
    document = await api.find_aside(f"{queue.list}{separator}limit=1&count=true")
    return document.get("total")
