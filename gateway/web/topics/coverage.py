"""What is known under topics, as charts: rows of how much each way of knowing holds."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, Final

from gateway.web import vocabulary
from gateway.web.api_client import Document
from gateway.web.charts import BarChart, ChartRow, ContentText, ShapeChart
from gateway.web.layout.page import WebPage

MAX_DRAWN_PLACES: Final = 5
YEARS_OF_A_ROW: Final = 5


def amounts(coverage: Document) -> tuple[int, int, int]:
    """Return how many items of each way of knowing there are."""
    return coverage["research"], coverage["lived_experience"], coverage["practice_knowledge"]


def rounded(page: WebPage, count: Document | int | None) -> str:
    """Return a number of people as the disclosure rule shows it."""
    match count:
        case {"at_least": number}:
            return page.text("at least %(number)s") % {"number": number}
        case {"fewer_than": number}:
            return page.text("fewer than %(number)s") % {"number": number}
        case None:
            return ""
        case _:
            return str(count)


def coverage_chart(page: WebPage, topic: Document, gap_map: Document) -> ShapeChart:
    """Return what is known of a topic: in all, by countries and settings, the fullest first, and by years.

    The picture shows the fullest places alone, and says so.
    """
    rows = [ChartRow(page.text("In total"), amounts(gap_map))]
    rows += _places(gap_map["countries"], lambda code: page.text(vocabulary.country(code)))
    rows += _places(gap_map["settings"], lambda setting: ContentText(setting.capitalize(), vocabulary.CONTENT_LANGUAGE))
    rows += _spans_of_years(page, gap_map["years"])
    headings = (page.text("Where and when"), *map(page.text, vocabulary.WAYS.values()))
    path = f"/topics/{topic['id']}/coverage.csv"
    title = page.text("What is known, by place and year")
    return ShapeChart("coverage", title, headings, rows, path, note=_left_out(page, gap_map))


def _places(cells: Sequence[Document], text: Callable[[str], str]) -> list[ChartRow]:
    return [
        ChartRow(text(cell["value"]), amounts(cell), drawn=number < MAX_DRAWN_PLACES)
        for number, cell in enumerate(cells)
    ]


def _left_out(page: WebPage, gap_map: Document) -> str:
    """Return a sentence for what the picture leaves out; empty where it shows all."""
    texts = {
        "countries": page.text("The chart shows the %(shown)s countries with the most. All %(all)s are in the table."),
        "settings": page.text("The chart shows the %(shown)s settings with the most. All %(all)s are in the table."),
    }
    counts = {name: len(gap_map[name]) for name in texts}
    return " ".join(
        text % {"shown": MAX_DRAWN_PLACES, "all": counts[name]}
        for name, text in texts.items()
        if counts[name] > MAX_DRAWN_PLACES
    )


def _spans_of_years(page: WebPage, years: Sequence[Document]) -> list[ChartRow]:
    """Return a row for each five years, the latest first."""
    dated = sorted((cell for cell in years if cell["value"].isdecimal()), key=lambda cell: -int(cell["value"]))
    rows: list[ChartRow] = []
    for span, cells in groupby(dated, key=lambda cell: (int(cell["value"]) - 1) // YEARS_OF_A_ROW):
        first = span * YEARS_OF_A_ROW + 1
        sums = tuple(sum(column) for column in zip(*map(amounts, cells), strict=True))
        rows.append(
            ChartRow(page.text("%(first)s to %(last)s") % {"first": first, "last": first + YEARS_OF_A_ROW - 1}, sums)
        )
    return rows


def priority_chart(page: WebPage, topic: Document) -> BarChart | None:
    """Return how each stakeholder group scored a topic in the latest survey; None where none was published."""
    surveys = [survey for survey in topic["priority_basis"]["surveys"] if survey["by_group"]]
    if not surveys:
        return None
    latest = max(surveys, key=lambda survey: survey["scored_at"])
    order = list(vocabulary.GROUPS)
    groups = sorted(latest["by_group"], key=lambda group: (-group["score"], order.index(group["group"])))
    rows = [
        ChartRow(page.text(vocabulary.name(vocabulary.GROUPS, group["group"])), (group["score"], group["people"]))
        for group in groups
    ]
    headings = page.text("Who"), page.text("Score, 0 to 100"), page.text("People who answered")
    path = f"/topics/{topic['id']}/priority.csv"
    return BarChart("priority", page.text("How much it matters to whom"), headings, rows, path, full=100)


def priorities_chart(page: WebPage, topics: Sequence[Document]) -> BarChart:
    """Return the priorities of these topics."""
    rows = [
        ChartRow(
            ContentText(topic["name"], vocabulary.CONTENT_LANGUAGE), (topic["priority"],), href=f"/topics/{topic['id']}"
        )
        for topic in topics
        if topic["priority"] is not None
    ]
    headings = page.text("Topic"), page.text("Priority, 0 to 100")
    return BarChart(
        "priorities", page.text("What people want first"), headings, rows, "/topics/priorities.csv", full=100
    )


def gaps_chart(page: WebPage, gaps: Sequence[Document], csv_path: str) -> ShapeChart:
    """Return what is known under each topic; `gaps` are topics with their coverage and the questions that wait."""
    rows = [
        ChartRow(
            ContentText(gap["topic"]["name"], vocabulary.CONTENT_LANGUAGE),
            (
                *amounts(gap["coverage"]),
                page.text("nobody asked") if gap["topic"]["priority"] is None else gap["topic"]["priority"],
                rounded(page, gap.get("questions")),
            ),
            href=f"/topics/{gap['topic']['id']}",
        )
        for gap in gaps
    ]
    headings = (
        page.text("Topic"),
        *map(page.text, vocabulary.WAYS.values()),
        page.text("Priority, 0 to 100"),
        page.text("People waiting for an answer"),
    )
    return ShapeChart("gaps", page.text("What is known about each topic, and what is not"), headings, rows, csv_path)


def flatten(branches: Sequence[Document], depth: int = 0) -> list[dict[str, Any]]:
    """Return the topics of a tree, each with its depth, the highest priority first on each level."""
    ordered = sorted(branches, key=lambda topic: (-(topic["priority"] or 0), topic["name"]))
    return [row for topic in ordered for row in ({**topic, "depth": depth}, *flatten(topic["topics"], depth + 1))]
