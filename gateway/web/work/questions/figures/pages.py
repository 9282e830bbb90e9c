"""`/staff/questions/figures`: how soon questions are answered and what became of answers, as charts, tables and CSV."""

import asyncio

from starlette.responses import Response

from gateway.web.api_client import Api
from gateway.web.layout.page import EditorPage
from gateway.web.work.questions import choices
from gateway.web.work.questions.figures.charts import turnaround_chart, use_chart
from shared.http.conditional_requests import create_router

router = create_router("", "Work")


@router.get("/staff/questions/figures", include_in_schema=False)
async def show_figures(page: EditorPage, api: Api) -> Response:
    """Show how soon questions are answered, by how soon they were needed, and what became of answers."""
    turnaround, use = await asyncio.gather(
        api.get("/v1/statistics/turnaround"), api.get("/v1/statistics/use-of-answers")
    )
    return page.render(
        "work/questions/templates/figures.html",
        turnaround=turnaround,
        use=use,
        turnaround_chart=turnaround_chart(page, turnaround),
        use_chart=use_chart(page, use),
        choices=choices,
    )


@router.get("/staff/questions/figures/turnaround.csv", include_in_schema=False)
async def get_turnaround(page: EditorPage, api: Api) -> Response:
    """Return how soon questions are answered as CSV."""
    return turnaround_chart(page, await api.get("/v1/statistics/turnaround")).csv()


@router.get("/staff/questions/figures/use.csv", include_in_schema=False)
async def get_use(page: EditorPage, api: Api) -> Response:
    """Return what became of answers as CSV."""
    return use_chart(page, await api.get("/v1/statistics/use-of-answers")).csv()
