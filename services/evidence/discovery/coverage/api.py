"""The gap map over HTTP: what is known by whom, from where and when, and which questions wait."""

from typing import Any
from uuid import UUID

from pydantic import Field

from services.evidence.callers import Anyone
from services.evidence.discovery.coverage import queries
from services.evidence.discovery.coverage.queries import Cell
from services.evidence.library.items.descriptions import WAYS
from services.evidence.library.topics.filed import coverage as coverage_of
from services.evidence.library.topics.queries import topic_and_below
from services.evidence.library.topics.rules import TopicNotFound
from services.evidence.library.topics.tables import Topic
from services.evidence.library.topics.views import Coverage, TopicView
from services.evidence.small_numbers import SMALLEST_NUMBER, InFives, in_fives
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading
from shared.problems import documented
from shared.views import View

router = create_router("/v1/topics", "topics")

MOST_VALUES = 100


class CoverageCell(Coverage):
    """Of one country, setting or year."""

    value: str
    questions: InFives | None = Field(
        description="Questions that wait for an answer; null for those of fewer than five people, perhaps of nobody."
    )


class GapMap(Coverage):
    """What is known of a topic and those below it, and what is not.

    A cell is left out where there is nothing to show. The 100 fullest countries, settings and years are shown. The year
    of research is when it came out, and research that does not say is in none; that of an account or practice knowledge
    is when it began, or else was first shown here.
    """

    missing: list[WayOfKnowing] = Field(description="Ways of knowing without a single published item.")
    questions: InFives = Field(description="Questions of the front line that wait for an answer.")
    nothing_known: InFives = Field(description="Questions whose answer was that nothing is known yet.")
    countries: list[CoverageCell]
    settings: list[CoverageCell]
    years: list[CoverageCell]


class Gap(View):
    """A topic and what it lacks."""

    topic: TopicView
    missing: list[WayOfKnowing]
    coverage: Coverage
    questions: InFives


@router.get("/gaps", response_model=Page[Gap])
async def list_gaps(caller: Anyone, session: Reading, paging: Paging) -> Page[Gap]:
    """Topics that lack a way of knowing or have a question waiting, the highest priority first.

    At the end, without a priority, those that nobody was asked about, or few people: of these, which lack something.
    """
    page = await paginate(session, queries.with_a_gap(), paging, key=queries.BY_PRIORITY, view=_topic, descending=True)
    ids = [topic.id for topic in page.items]
    known = await coverage_of(session, ids)
    waiting = await queries.questions_on(session, ids)
    items = [
        Gap(
            topic=TopicView.model_validate(topic),
            missing=_missing(known.get(topic.id, {})),
            coverage=Coverage(**known.get(topic.id, {})),
            questions=in_fives(waiting.get(topic.id, 0)),
        )
        for topic in page.items
    ]
    return Page(items=items, next=page.next, total=page.total)


@router.get("/{topic_id}/coverage", response_model=GapMap, responses=documented(TopicNotFound))
async def show_coverage(topic_id: UUID, caller: Anyone, session: Reading) -> GapMap:
    """The gap map: what is known by way of knowing, country, setting and year, and which questions wait."""
    found = await queries.gap_map(session, await topic_and_below(session, topic_id))
    return GapMap(
        **found.ways,
        missing=_missing(found.ways),
        questions=in_fives(found.waiting),
        nothing_known=in_fives(found.nothing_known),
        countries=_cells(found.cells["country"]),
        settings=_cells(found.cells["setting"]),
        years=sorted(_cells(found.cells["year"]), key=_value),
    )


def _topic(row: Any) -> Topic:
    return row.Topic


def _missing(ways: dict[str, int]) -> list[WayOfKnowing]:
    return [way for way in WAYS if not ways.get(way)]


def _cells(cells: dict[str, Cell]) -> list[CoverageCell]:
    """The fullest first. What fewer than five people ask is not told, not even that somebody does."""
    shown = [(value, cell) for value, cell in cells.items() if cell.ways or cell.askers >= SMALLEST_NUMBER]
    shown.sort(key=lambda each: (-sum(each[1].ways.values()), -each[1].askers, each[0]))
    return [
        CoverageCell(
            value=value,
            questions=in_fives(cell.questions) if cell.askers >= SMALLEST_NUMBER else None,
            **cell.ways,
        )
        for value, cell in shown[:MOST_VALUES]
    ]


def _value(cell: CoverageCell) -> str:
    return cell.value
