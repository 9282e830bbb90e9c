"""How soon questions are answered and what became of answers, as charts: numbers as the API gives them."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.web.api_client import Document
from gateway.web.charts import BarChart, ChartRow
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.topics.coverage import rounded
from gateway.web.work.questions.choices import URGENCIES

OUTCOMES: Final = {
    "answered": text("Got an answer"),
    "used": text("Used an answer"),
    "not_used": text("Did not use an answer"),
    "not_yet_used": text("Have not used it yet"),
    "with_outcome": text("Said what happened"),
}
TURNAROUND_HEADINGS: Final = (
    text("How soon it is needed"),
    text("People with an answer"),
    text("People waiting"),
    text("Aim, hours"),
    text("Half answered within, hours"),
    text("Nine in ten answered within, hours"),
    text("Answered in time, per cent"),
)


def turnaround_chart(page: WebPage, turnaround: Document) -> BarChart:
    """Return how many people got an answer by how soon they needed it, and how long that took."""
    return BarChart(
        "turnaround",
        page.text("How soon questions are answered"),
        tuple(map(page.text, TURNAROUND_HEADINGS)),
        [_turnaround_row(page, urgency) for urgency in turnaround.get("urgencies", ())],
        "/staff/questions/figures/turnaround.csv",
    )


def use_chart(page: WebPage, use: Document) -> BarChart:
    """Return what became of answers, in people who asked."""
    return BarChart(
        "use",
        page.text("What happened with answers"),
        (page.text("What happened with it"), page.text("People")),
        [
            ChartRow(_label(page, name, use[field]), (_least(use[field]),))
            for field, name in OUTCOMES.items()
            if field in use
        ],
        "/staff/questions/figures/use.csv",
    )


def _turnaround_row(page: WebPage, urgency: Document) -> ChartRow:
    share: float | None = urgency["within_target"]
    return ChartRow(
        _label(page, URGENCIES[urgency["urgency"]], urgency["answered"]),
        (
            _least(urgency["answered"]),
            rounded(page, urgency["waiting"]),
            str(urgency["target_hours"]),
            _number(page, urgency["median_hours"]),
            _number(page, urgency["ninetieth_percentile_hours"]),
            _number(page, None if share is None else round(100 * share)),
        ),
    )


def _label(page: WebPage, name: str, count: int | Document) -> str:
    """Return the name of a row, with its number where the disclosure rule rounds that."""
    return page.text(name) if isinstance(count, int) else f"{page.text(name)} ({rounded(page, count)})"


def _least(count: int | Mapping[str, Any]) -> int:
    """Return the number that a bar shows: what the disclosure rule rounds is at least this."""
    return count if isinstance(count, int) else int(count.get("at_least", 0))


def _number(page: WebPage, number: int | None) -> str:
    return page.text("not known, or too few people") if number is None else str(number)
