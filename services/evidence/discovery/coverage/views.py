"""Coverage and gaps as the API returns them. Numbers of people are disclosed in steps of twice the threshold."""

from collections.abc import Mapping, Sequence

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.discovery.coverage import queries
from services.evidence.discovery.coverage.queries import CellCounts, TopicCoverage
from services.evidence.library.items.descriptions import WAYS
from services.evidence.library.place_filters import Locality
from services.evidence.library.topics.classification import item_counts as coverage_of
from services.evidence.library.topics.tables import Topic
from services.evidence.library.topics.views import Coverage, TopicView
from shared.disclosure import AtLeast, RoundedCount, rounded_count
from shared.events.contracts.evidence import WayOfKnowing
from shared.views import View

MAX_VALUES = 100


class CoverageCell(Coverage):
    """The coverage of one country, setting or year."""

    value: str
    questions: AtLeast | None = Field(
        description="People whose questions wait for an answer, each once; null where they are too few, or nobody."
    )


class GapMap(Coverage):
    """What is known of a topic and those below it, and what is not.

    A cell is left out where there is nothing to show. The 100 fullest countries, settings and years are shown. Research
    counts in the year in which it came out, or in none if it does not say; an account or practice knowledge in the year
    in which it began, or else was first published here.
    """

    missing: list[WayOfKnowing] = Field(description="Ways of knowing without a single published item.")
    questions: RoundedCount = Field(description="People of the front line whose questions wait, each once.")
    nothing_known: RoundedCount = Field(description="People whose answer was that nothing is known yet.")
    countries: list[CoverageCell]
    settings: list[CoverageCell]
    years: list[CoverageCell]
    without_country: int = Field(description="Items that name no country: they are in no cell of `countries`.")
    without_setting: int = Field(description="Items that name no setting.")
    without_year: int = Field(description="Items that name no year.")


class Gap(View):
    """A topic and what it lacks: with `country` or `setting`, what it lacks from there."""

    topic: TopicView
    missing: list[WayOfKnowing]
    coverage: Coverage
    without_country: int | None = Field(
        default=None, description="With `country`: items of the topic that name none, and so are not counted."
    )
    without_setting: int | None = Field(
        default=None, description="With `setting`: items of the topic that name none, and so are not counted."
    )
    questions: RoundedCount = Field(description="People whose questions wait for an answer, each once.")


def gap_map(coverage: TopicCoverage) -> GapMap:
    """Return the gap map of a topic."""
    return GapMap(
        **coverage.items,
        missing=_missing(coverage.items),
        questions=rounded_count(coverage.waiting),
        nothing_known=rounded_count(coverage.unanswerable),
        countries=_cells(coverage.cells["country"]),
        settings=_cells(coverage.cells["setting"]),
        years=sorted(_cells(coverage.cells["year"]), key=_value),
        without_country=coverage.without.without_country,
        without_setting=coverage.without.without_setting,
        without_year=coverage.without_year,
    )


async def gaps(session: AsyncSession, topics: Sequence[Topic], place: Locality) -> list[Gap]:
    """Return the topics with what they lack from a place."""
    ids = [topic.id for topic in topics]
    by_place = await queries.place_counts(session, ids, place) if any(place) else {}
    items = {id: counts.items for id, counts in by_place.items()} or await coverage_of(session, ids)
    waiting = await queries.waiting_questions(session, ids)
    return [
        Gap(
            topic=TopicView.model_validate(topic),
            missing=_missing(items.get(topic.id, {})),
            coverage=Coverage(**items.get(topic.id, {})),
            without_country=by_place[topic.id].without_country if place.country else None,
            without_setting=by_place[topic.id].without_setting if place.setting else None,
            questions=rounded_count(waiting.get(topic.id, 0)),
        )
        for topic in topics
    ]


def _missing(items: Mapping[str, int]) -> list[WayOfKnowing]:
    return [way for way in WAYS if not items.get(way)]


def _cells(cells: Mapping[str, CellCounts]) -> list[CoverageCell]:
    """Return the fullest cells. What too few people ask is not disclosed, not even that somebody does."""
    disclosed = [(value, cell, _questions(cell)) for value, cell in cells.items() if cell.items or _questions(cell)]
    disclosed.sort(key=lambda row: (-sum(row[1].items.values()), -(row[2].at_least if row[2] else 0), row[0]))
    return [
        CoverageCell(
            value=value,
            questions=questions,
            **cell.items,
        )
        for value, cell, questions in disclosed[:MAX_VALUES]
    ]


def _questions(cell: CellCounts) -> AtLeast | None:
    askers = rounded_count(cell.askers)
    return askers if isinstance(askers, AtLeast) else None


def _value(cell: CoverageCell) -> str:
    return cell.value
