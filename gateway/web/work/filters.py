"""Filters of an editor's lists: what was chosen in the address, and what can be chosen by name."""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.web.api_client import Document, PublicApi
from gateway.web.layout.languages import date_text
from gateway.web.layout.page import WebPage

MAX_CHOICES: Final = 50


def chosen_filters(query: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return what the address chose of these, without what is empty."""
    return {name: value for name in names if (value := query.get(name, "").strip())}


async def import_choices(page: WebPage, api: PublicApi, chosen: str | None) -> list[tuple[str, str]]:
    """Return the newest imports by id, as file and day, and the chosen one, which may be older; first, all of them."""
    jobs = await _newest(api, "/v1/imports", chosen)
    return [("", page.text("All imports")), *((str(job["id"]), _import_name(page, job)) for job in jobs)]


async def harvest_choices(page: WebPage, api: PublicApi, chosen: str | None) -> list[tuple[str, str]]:
    """Return the harvests by id, as address and set, and the chosen one; first, all of them."""
    harvests = await _newest(api, "/v1/harvests", chosen)
    names = [
        (str(harvest["id"]), " · ".join(filter(None, (harvest["base_url"], harvest["set_spec"]))))
        for harvest in harvests
    ]
    return [("", page.text("All harvests")), *names]


async def _newest(api: PublicApi, path: str, chosen: str | None) -> list[Document]:
    rows: list[Document] = (await api.find_aside(path, limit=MAX_CHOICES)).get("items", [])
    if chosen and all(row["id"] != chosen for row in rows):
        row = await api.find_aside(f"{path}/{chosen}")
        rows = [*rows, row] if row else rows
    return rows


def _import_name(page: WebPage, job: Document) -> str:
    name = job["file_name"] or page.text("A file without a name")
    return f"{name}, {date_text(page.preferences.language, job['created_at'])}"
