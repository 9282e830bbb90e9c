"""What became of the records of an import, as a chart."""

from gateway.web.api_client import Document
from gateway.web.charts import BarChart, ChartRow
from gateway.web.layout.page import WebPage
from gateway.web.work.imports.choices import OUTCOMES


def outcomes_chart(page: WebPage, job: Document) -> BarChart:
    """Return how many records became what: each bar is a part of all that were read."""
    path = f"/staff/imports/{job['id']}"
    return BarChart(
        "outcomes",
        page.text("What happened to the records"),
        (page.text("What happened to them"), page.text("Records")),
        [
            ChartRow(page.text(label), (job[outcome],), href=f"{path}/records?outcome={outcome}")
            for outcome, label in OUTCOMES.items()
        ],
        f"{path}/outcomes.csv",
        full=job["read"] or None,
    )
