"""The filters of the list of items: as addresses, as the API takes them, and as a file of the same items does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from gateway.web.layout.languages import text

PATH: Final = "/staff/evidence"
PLACES: Final = ("way_of_knowing", "topic", "country", "setting")
LIST_ONLY: Final = ("import", "imported", "retraction")
NAMES: Final = ("status", "q", *PLACES, *LIST_ONLY, "sort", "held_back")
STATUSES: Final = {
    "published": text("Published"),
    "draft": text("Drafts"),
    "withdrawn": text("Withdrawn"),
}
ORIGINS: Final = {"false": text("Written here"), "true": text("From a file or another library")}
SORTS: Final = {"balanced": text("The ways of knowing in turn"), "newest": text("Newest first")}
VIEWS: Final = (
    (PATH, text("Published")),
    (f"{PATH}?status=draft", text("Drafts")),
    (f"{PATH}?status=draft&imported=false", text("Drafts written here")),
    (f"{PATH}?status=draft&imported=true", text("Drafts from files")),
    (f"{PATH}?status=draft&held_back=true", text("Held back")),
    (f"{PATH}?status=withdrawn", text("Withdrawn")),
    (f"{PATH}?retraction=retraction", text("Retracted")),
    (f"{PATH}?retraction=expression_of_concern", text("With concerns")),
    (f"{PATH}?retraction=correction", text("Corrected")),
)
"""Saved filters: addresses of the list."""
FORMATS: Final = {
    "csv": "CSV",
    "xlsx": "Excel",
    "ris": "RIS",
    "bibtex": "BibTeX",
    "csl-json": "CSL-JSON",
    "endnote": "EndNote",
    "nbib": "PubMed",
    "pubmed-xml": "PubMed XML",
    "jats": "JATS",
    "jsonld": "JSON-LD",
}


@dataclass(frozen=True, slots=True)
class ItemFilters:
    """What was chosen, by the names of the page, without empty values."""

    values: Mapping[str, str]

    @classmethod
    def of(cls, query: QueryParams) -> Self:
        """Return what a query chose; other parameters are left aside."""
        return cls({name: value for name in NAMES if (value := query.get(name, "").strip())})

    @property
    def status(self) -> str:
        """The status that is listed."""
        return self.values.get("status", "published")

    @property
    def is_search(self) -> bool:
        """Whether the search answers: it finds published items alone, by their whole text."""
        return self.status == "published" and "q" in self.values

    @property
    def is_narrow(self) -> bool:
        """Whether more was chosen than the words, the state and the order, and no saved filter chooses the same."""
        saved = {address for address, _ in VIEWS}
        more = self.values.keys() - {"q", "status", "sort", "import"}
        return bool(more) and self.link(q=None, sort=None) not in saved

    @property
    def unsearchable(self) -> list[str]:
        """The filters that the search does not have."""
        return [name for name in LIST_ONLY if name in self.values] if self.is_search else []

    def list_parameters(self) -> dict[str, str]:
        """Return the parameters of the list or of the search in the API."""
        places = self._chosen(*PLACES)
        if self.is_search:
            return {**places, "q": self.values["q"], "is": "item", "ranking": "relevance"}
        titles = {"title": self.values["q"]} if "q" in self.values else {}
        return {**places, **titles, **self._chosen("status", "sort", "held_back", *LIST_ONLY)}

    def exports(self) -> list[tuple[str, str]]:
        """Return the name and the address of each file of these items; none of what is withdrawn or held back."""
        if self.status == "withdrawn" or "held_back" in self.values:
            return []
        parameters = self._chosen("status", *PLACES, *LIST_ONLY)
        if "q" in self.values:
            parameters["q" if self.is_search else "title"] = self.values["q"]
        return [
            (name, f"/v1/exports/evidence?{urlencode({'format': format, **parameters})}")
            for format, name in FORMATS.items()
        ]

    def selection(self) -> dict[str, str] | None:
        """Return the selection of a bulk change that is all of these; None where the API knows none."""
        if self.is_search or self.status == "withdrawn" or "held_back" in self.values:
            return None
        titles = {"title": self.values["q"]} if "q" in self.values else {}
        return {**self._chosen(*PLACES, *LIST_ONLY), **titles, "status": self.status}

    def link(self, **changes: str | None) -> str:
        """Return the address of the list with these changes; None takes away."""
        query = urlencode({name: value for name, value in {**self.values, **changes}.items() if value})
        return f"{PATH}?{query}" if query else PATH

    @property
    def of_list(self) -> str:
        """The query by which the page of a draft knows the list that it stands in: after one, the next one comes."""
        return f"?{urlencode({'list': urlencode(self.values)})}" if self.status == "draft" else ""

    @classmethod
    def drafts_of(cls, list: str) -> Self:
        """Return the filters of a list of drafts, from such a query; of all drafts where it names none."""
        filters = cls.of(QueryParams(list))
        return filters if filters.status == "draft" else cls({"status": "draft"})

    def _chosen(self, *names: str) -> dict[str, str]:
        return {name: self.values[name] for name in names if name in self.values}
