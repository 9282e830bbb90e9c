"""The results of a search, and the presenter that makes them of hits and rows."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from services.evidence.discovery.search import highlights, rules
from services.evidence.discovery.search.index.layout import MissingFacet
from services.evidence.discovery.search.index.retrieval import SearchPage
from services.evidence.discovery.search.queries import GuideContents, HitRows
from services.evidence.discovery.search.query.thesaurus import Thesaurus
from services.evidence.library.items.queries import ItemSummaryRow
from services.evidence.library.items.views import ItemSummary
from shared.events.contracts.evidence import WayOfKnowing
from shared.views import View

Facet = Literal["topics", "countries", "years", "ways_of_knowing", "designs", "kinds", "settings", "languages", "is"]


class Highlights(View):
    """Where the words of the query are. HTML in which `<mark>` is the only element: safe to show as it is."""

    title: str | None = Field(description="The whole title, where it has some of the words.")
    text: list[str] = Field(description="At most two passages of the item or guide.")


class SearchedItem(ItemSummary):
    """An item among the results."""

    model_config = ConfigDict(populate_by_name=True)

    is_: Literal["item"] = Field(default="item", alias="is")
    highlights: Highlights


class SearchedGuide(View):
    """A guide among the results."""

    model_config = ConfigDict(populate_by_name=True)

    is_: Literal["guide"] = Field(default="guide", alias="is")
    id: UUID
    edition: int
    title: str
    summary: str = Field(description="At most the first 600 characters.")
    topics: list[UUID]
    language: str
    ways_of_knowing: list[WayOfKnowing] = Field(description="Those that it cites.")
    review_on: date | None
    published_at: datetime | None
    is_flagged: bool = Field(description="Whether a statement of it is in doubt, and nobody has decided yet.")
    highlights: Highlights


SearchResult = Annotated[SearchedItem | SearchedGuide, Field(discriminator="is_")]


class WayContribution(View):
    """What one way of knowing contributes to the results. A guide counts for each way that it cites."""

    way_of_knowing: WayOfKnowing
    matches: int = Field(description="Items and guides in all.")
    on_page: int = Field(description="Items and guides on this page.")
    attention: float = Field(
        description="The share, 0 to 1, of a reader's attention to this page that it gets by its ranks."
    )


class FacetValue(View):
    """How many results have this value."""

    value: str
    count: int


class SearchResults(View):
    """A page of items and guides in their order, and counts of all results."""

    items: list[SearchResult]
    next: str | None
    total: int = Field(description="Items and guides in all.")
    corrected: str | None = Field(
        description="What was searched for instead, where a word is nowhere in the library as it was spelt."
    )
    did_you_mean: str | None = Field(
        description="What else to try, where a word is rare and another one that is spelt alike much more frequent."
    )
    contributions: list[WayContribution]
    facets: dict[Facet, list[FacetValue]] = Field(
        description="How many results have each value. Use a value as a filter to see them. `years`: when research"
        " came out; every year that an account or practice is about, or, where it names none, when it was first shown"
        " here; when a guide was published here."
    )
    without: dict[MissingFacet, int] = Field(
        description="How many say no country, setting or year. They are in no value of that facet; where you filter by"
        " it, so many that match otherwise are left out."
    )


class ResultPresenter:
    """Presents a page of hits: with highlights, counts, and what each way of knowing contributes."""

    def __init__(self, page: SearchPage, thesaurus: Thesaurus) -> None:
        self._page = page
        self._terms = highlights.query_terms(page.query, thesaurus)

    def results(self, rows: HitRows, next_url: str | None) -> SearchResults:
        """Return the results in the order of the hits. A hit without a row was withdrawn, and is left out."""
        items = self._items(rows)
        return SearchResults(
            items=items,
            next=next_url,
            total=self._page.total,
            corrected=self._corrected(),
            did_you_mean=self._suggestion(),
            contributions=self._contributions(items),
            facets=self._facets(),
            without=dict(self._page.without),
        )

    def _items(self, rows: HitRows) -> list[SearchedItem | SearchedGuide]:
        items: list[SearchedItem | SearchedGuide] = []
        for hit in self._page.hits:
            id = UUID(hit.id)
            if (row := rows.items.get(id)) is not None:
                items.append(self._item(row, rows.item_texts.get(id, ())))
            elif (contents := rows.guides.get(id)) is not None:
                items.append(self._guide(contents))
        return items

    def _item(self, row: ItemSummaryRow, texts: Sequence[str]) -> SearchedItem:
        summary = ItemSummary.model_validate(row)
        highlighted = self._highlights(row.title, texts, row.language)
        return SearchedItem.model_construct(**dict(summary), is_="item", highlights=highlighted)

    def _guide(self, contents: GuideContents) -> SearchedGuide:
        guide = contents.guide
        texts = [guide.summary, *contents.statements]
        return SearchedGuide(
            id=guide.id,
            edition=guide.edition,
            title=guide.title,
            summary=guide.summary[:600],
            topics=guide.topics,
            language=guide.language,
            ways_of_knowing=contents.ways_of_knowing,
            review_on=guide.review_on,
            published_at=guide.published_at,
            is_flagged=contents.is_flagged,
            highlights=self._highlights(guide.title, texts, guide.language),
        )

    def _contributions(self, items: Sequence[SearchedItem | SearchedGuide]) -> list[WayContribution]:
        ways_by_rank = [_ways_of(item) for item in items]
        return [
            WayContribution(
                way_of_knowing=way,
                matches=matches,
                on_page=sum(way in ways for ways in ways_by_rank),
                attention=round(rules.attention(ways_by_rank, way), 4),
            )
            for way, matches in self._page.per_way.items()
        ]

    def _facets(self) -> dict[Facet, list[FacetValue]]:
        page = self._page
        counts: dict[Facet, Mapping[str, int]] = {
            **page.facets,
            "ways_of_knowing": {**page.per_way},
            "is": {"item": page.total - page.guides, "guide": page.guides},
        }
        return {
            name: [FacetValue(value=value, count=count) for value, count in values.items() if count]
            for name, values in counts.items()
        }

    def _corrected(self) -> str | None:
        return str(self._page.query) if self._page.spelling.corrections else None

    def _suggestion(self) -> str | None:
        suggestions = self._page.spelling.suggestions
        return str(self._page.query.with_words(suggestions)) if suggestions else None

    def _highlights(self, title: str, texts: Sequence[str], language_tag: str) -> Highlights:
        return Highlights(
            title=highlights.highlight(title, self._terms, language_tag),
            text=highlights.snippets(texts, self._terms, language_tag),
        )


def _ways_of(item: SearchedItem | SearchedGuide) -> list[WayOfKnowing]:
    return item.ways_of_knowing if isinstance(item, SearchedGuide) else [item.way_of_knowing]
