"""The results of a search side by side: guides, and a column for each way of knowing, each with pages of its own."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from gateway.web import vocabulary
from gateway.web.api_client import Document, PublicApi
from gateway.web.layout.page import WebPage
from gateway.web.search.filters import Filters

MAX_RESULTS: Final = 8
GUIDES: Final = "guide"
COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    GUIDES: {"is": "guide"},
    **{way: {"is": "item", "way_of_knowing": way} for way in vocabulary.WAYS},
}
"""What each column adds to the search. A guide draws on several ways of knowing, and so has a place of its own."""


@dataclass(frozen=True, slots=True)
class Column:
    """The results of a column on its page, and how many it has in all.

    `more` and `first` are the addresses with its next and its first page; other columns stay where they are.
    """

    name: str
    results: Document
    more: str | None
    first: str | None

    @property
    def total(self) -> int:
        """Return how many results there are in all."""
        return self.results["total"]


def has_columns(filters: Filters) -> bool:
    """Return whether the results stand side by side: asked for, and not of one way of knowing alone."""
    return filters.values.get("view") == "columns" and "way_of_knowing" not in filters.values


async def get_columns(api: PublicApi, filters: Filters, query: Mapping[str, str]) -> list[Column]:
    """Return the columns of a search, without those that a filter rules out."""
    cursors = {name: cursor for name in COLUMNS if (cursor := query.get(f"{name}_cursor"))}

    async def get(name: str) -> Column:
        parameters: dict[str, Any] = {**filters.parameters(), "q": filters.values["q"], **COLUMNS[name]}
        results = await api.get("/v1/search", limit=MAX_RESULTS, cursor=cursors.get(name), **parameters)
        return Column(name, results, _address(filters, cursors, name, results["next"]), _first(filters, cursors, name))

    shown = filters.values.get("is")
    return await asyncio.gather(*(get(name) for name, added in COLUMNS.items() if shown in (None, added["is"])))


def name_of(page: WebPage, column: str) -> str:
    """Return what a column is called."""
    return page.text(vocabulary.WAYS.get(column) or vocabulary.RESULTS["guide"])


def _address(filters: Filters, cursors: Mapping[str, str], name: str, following: str | None) -> str | None:
    if not following:
        return None
    (cursor,) = parse_qs(urlsplit(following).query)["cursor"]
    return filters.link(**{f"{other}_cursor": value for other, value in {**cursors, name: cursor}.items()})


def _first(filters: Filters, cursors: Mapping[str, str], name: str) -> str | None:
    others = {f"{other}_cursor": value for other, value in cursors.items() if other != name}
    return filters.link(**others) if name in cursors else None
