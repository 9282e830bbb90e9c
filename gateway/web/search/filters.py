"""The filters of a search or a list: what was chosen, and addresses with something chosen or taken away."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from gateway.web import vocabulary
from gateway.web.api_client import Document
from gateway.web.layout.page import WebPage

NAMES: Final = ("topic", "way_of_knowing", "is", "kind", "design", "country", "setting", "from", "to", "language")
LIST_NAMES: Final = ("topic", "way_of_knowing", "country", "setting")
"""Those that the list of all evidence takes."""
FACETS: Final = {
    "ways_of_knowing": "way_of_knowing",
    "topics": "topic",
    "is": "is",
    "kinds": "kind",
    "designs": "design",
    "countries": "country",
    "settings": "setting",
}
"""The filter that a value of a facet sets."""
NAMES_OF_VALUES: Final = {
    "way_of_knowing": vocabulary.WAYS,
    "kind": vocabulary.KINDS,
    "design": vocabulary.DESIGNS,
    "is": vocabulary.RESULTS,
}
MAX_FACET_VALUES: Final = 8


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that can be chosen, or was chosen and can be taken away at `href`."""

    heading: str
    text: str
    href: str
    count: int | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of a facet that would narrow the results down."""

    heading: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen: `values` by the names of the API's parameters, without empty ones."""

    path: str
    values: Mapping[str, str]
    names: Mapping[str, str]
    """Of topics, by id."""

    @classmethod
    def of(cls, page: WebPage, query: QueryParams) -> Self:
        """Return what a query chose; other parameters are left aside. Topics have no names yet."""
        values = {name: value.strip() for name in ("q", *NAMES, "ranking", "view") if (value := query.get(name, ""))}
        return cls(page.path, {name: value for name, value in values.items() if value}, {})

    def with_topics(self, topics: Document) -> Self:
        """Return the same with the names of these topics."""
        return replace(self, names={topic["id"]: topic["name"] for topic in topics.get("items", ())})

    @property
    def chosen(self) -> dict[str, str]:
        """Return the filters by the names of the API's parameters."""
        return {name: value for name, value in self.values.items() if name in NAMES}

    def parameters(self) -> dict[str, str]:
        """Return the filters as arguments of the client of the API."""
        return {"from_" if name == "from" else name: value for name, value in self.chosen.items()}

    def link(self, path: str = "", /, **changes: str | None) -> str:
        """Return the address of the first page with these changes; None takes away."""
        values = {**self.values, **{name.removesuffix("_"): value for name, value in changes.items()}}
        query = urlencode({name: value for name, value in values.items() if value})
        return f"{path or self.path}?{query}" if query else path or self.path

    def removable(self, page: WebPage) -> list[Choice]:
        """Return what was chosen, each with the address without it."""
        return [
            Choice(
                page.text(vocabulary.FILTERS[name]),
                self.text(page, name, value),
                self.link(**{name: None}),
                language=self.language(page, name, value),
            )
            for name, value in self.chosen.items()
        ]

    def facets(self, page: WebPage, facets: Mapping[str, Sequence[Document]]) -> list[Facet]:
        """Return the facets by which these results can be narrowed down further."""
        shown: list[Facet] = []
        for facet, name in FACETS.items():
            values = facets.get(facet, ())
            if name in self.values or not values:
                continue
            heading = page.text(vocabulary.FILTERS[name])
            choices = [
                Choice(
                    heading,
                    self.text(page, name, value["value"]),
                    self.link(**{name: value["value"]}),
                    value["count"],
                    self.language(page, name, value["value"]),
                )
                for value in values[:MAX_FACET_VALUES]
            ]
            shown.append(Facet(heading, choices))
        return shown

    def language(self, page: WebPage, name: str, value: str) -> str:
        """Return the language of what a value is called: some are as somebody wrote them."""
        is_content = name == "topic" or (name == "setting" and value.casefold() not in vocabulary.SETTINGS)
        return vocabulary.CONTENT_LANGUAGE if is_content else page.preferences.language

    def text(self, page: WebPage, name: str, value: str) -> str:
        """Return what a value of a filter is called."""
        match name:
            case "topic":
                return self.names.get(value, page.text("Another topic"))
            case "country":
                return page.text(vocabulary.country(value, page.preferences.language))
            case "setting":
                return page.text(vocabulary.setting(value))
            case "way_of_knowing" | "kind" | "design" | "is":
                return page.text(vocabulary.name(NAMES_OF_VALUES[name], value))
            case _:
                return value
