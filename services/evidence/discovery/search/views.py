"""What a search answers."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from services.evidence.discovery.search import highlights, rules
from services.evidence.discovery.search.index import Found
from services.evidence.discovery.search.synonyms import Synonyms
from services.evidence.library.items.views import ItemSummary
from shared.events.contracts.evidence import WayOfKnowing
from shared.views import View

Facet = Literal["topics", "countries", "years", "ways_of_knowing", "designs", "kinds", "settings", "languages", "is"]


class Highlights(View):
    """Where the words stand. HTML in which `<mark>` is the only element: safe to show as it is."""

    title: str | None = Field(description="The whole title, where it has some of the words.")
    text: list[str] = Field(description="At most two pieces of what the item or guide says.")


class SearchedItem(ItemSummary):
    """An item that was found."""

    model_config = ConfigDict(populate_by_name=True)

    is_: Literal["item"] = Field(default="item", alias="is")
    highlights: Highlights


class SearchedGuide(View):
    """A guide that was found."""

    model_config = ConfigDict(populate_by_name=True)

    is_: Literal["guide"] = Field(default="guide", alias="is")
    id: UUID
    edition: int
    title: str
    summary: str = Field(description="At most the first 600 characters.")
    topics: list[UUID]
    language: str
    ways_of_knowing: list[WayOfKnowing] = Field(description="Those that speak in it.")
    review_on: date | None
    published_at: datetime | None
    highlights: Highlights


Searched = Annotated[SearchedItem | SearchedGuide, Field(discriminator="is_")]


class WayContribution(View):
    """What one way of knowing brings to the answer. A guide counts for each way that speaks in it."""

    way_of_knowing: WayOfKnowing
    found: int = Field(description="Items and guides in all.")
    shown: int = Field(description="Items and guides on this page.")
    attention: float = Field(
        description="The part of what a reader sees of this page, by the places where it stands; 0 to 1."
    )


class FacetValue(View):
    value: str
    found: int


class SearchResults(View):
    """Items and guides in order, and where the rest is."""

    items: list[Searched]
    next: str | None
    total: int = Field(description="Items and guides that were found.")
    corrected: str | None = Field(
        description="What was searched for instead, where a word as it is spelt was found nowhere."
    )
    did_you_mean: str | None = Field(
        description="What else to try, where a word was found in very little and another is much more usual."
    )
    contributions: list[WayContribution]
    facets: dict[Facet, list[FacetValue]] = Field(
        description="How much of what was found has which value. Use a value as a filter to see it. `years`: when"
        " research came out, and when the rest was first shown here; research without a date is in none."
    )


class Showing:
    """Puts what was found in front of a reader."""

    def __init__(self, found: Found, synonyms: Synonyms) -> None:
        self._found = found
        self._terms = highlights.wanted(found.question, synonyms)

    def item(self, row: Any, texts: list[str]) -> SearchedItem:
        summary = ItemSummary.model_validate(row)
        marked = self._marked(row.title, texts, row.language)
        return SearchedItem.model_construct(**dict(summary), is_="item", highlights=marked)

    def guide(self, guide: Any, said: str, ways: list[WayOfKnowing]) -> SearchedGuide:
        return SearchedGuide(
            id=guide.id,
            edition=guide.edition,
            title=guide.title,
            summary=guide.summary[:600],
            topics=guide.topics,
            language=guide.language,
            ways_of_knowing=ways,
            review_on=guide.review_on,
            published_at=guide.published_at,
            highlights=self._marked(guide.title, [guide.summary, *said.split("\n")], guide.language),
        )

    def contributions(self, shown: list[SearchedItem | SearchedGuide]) -> list[WayContribution]:
        places = [_ways_of(each) for each in shown]
        return [
            WayContribution(
                way_of_knowing=way,  # pyright: ignore[reportArgumentType]  the index holds no other
                found=number,
                shown=sum(way in ways for ways in places),
                attention=round(rules.attention(places, way), 4),
            )
            for way, number in self._found.per_way.items()
        ]

    def facets(self) -> dict[Facet, list[FacetValue]]:
        found = self._found
        counted = {**found.facets, "ways_of_knowing": found.per_way}
        counted["is"] = {"item": found.total - found.guides, "guide": found.guides}
        return {
            name: [FacetValue(value=value, found=number) for value, number in values.items() if number]
            for name, values in counted.items()
        }  # pyright: ignore[reportReturnType]  the names are those of the facets, a test says

    def corrected(self) -> str | None:
        return str(self._found.question) if self._found.spelling.corrected else None

    def did_you_mean(self) -> str | None:
        proposed = self._found.spelling.proposed
        return str(self._found.question.with_words(proposed)) if proposed else None

    def _marked(self, title: str, texts: list[str], language: str) -> Highlights:
        return Highlights(
            title=highlights.marked(title, self._terms, language),
            text=highlights.snippets(texts, self._terms, language),
        )


def _ways_of(shown: SearchedItem | SearchedGuide) -> list[WayOfKnowing]:
    return shown.ways_of_knowing if isinstance(shown, SearchedGuide) else [shown.way_of_knowing]
