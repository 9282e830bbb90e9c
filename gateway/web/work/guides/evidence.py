"""What stands beside a statement: the items that it cites, as they are today, and items that a search finds."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from gateway.web.api_client import ApiRefusal, Document, PublicApi
from gateway.web.work.text_changes import TextChange, find_changes

MAX_ITEMS: Final = 24
"""So many items are opened beside a whole guide; those of a single statement all are."""
MAX_RESULTS: Final = 10
_id = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class ItemEvidence:
    """A cited item with its appraisals, and what has changed since it was cited; empty where it cannot be shown."""

    item: Document
    appraisals: list[Document] = field(default_factory=list[Document])
    changes: list[TextChange] = field(default_factory=list[TextChange])


@dataclass(frozen=True, slots=True)
class Search:
    """What a search for evidence found. `refusal` says why it could not be done."""

    words: str = ""
    items: list[Document] = field(default_factory=list[Document])
    total: int = 0
    refusal: str = ""


async def load_evidence(
    api: PublicApi, citations: Iterable[Document], *, most: int | None = None
) -> dict[str, ItemEvidence]:
    """Return what is known of cited items, by the id that is cited."""
    shown = {citation["item_id"]: citation for citation in citations if citation["status"] == "published"}
    chosen = list(shown.values())[:most]
    loaded = await asyncio.gather(*(_load_item(api, citation) for citation in chosen))
    return {citation["item_id"]: evidence for citation, evidence in zip(chosen, loaded, strict=True)}


async def load_instruments(api: PublicApi) -> dict[str, Document]:
    """Return how each kind of evidence is appraised, by code."""
    instruments = await api.find_aside("/v1/evidence/appraisals/instruments")
    return {instrument["code"]: instrument for instrument in instruments.get("items", ())}


async def search_evidence(api: PublicApi, words: str) -> Search:
    """Return the items that a search for these words finds, the ways of knowing in turns; an id or address finds it."""
    words = words.strip()[:500]
    if not words:
        return Search()
    if match := _id.search(words.lower()):
        item = await api.find(f"/v1/evidence/{match[0]}")
        return Search(words, [item] if item else [], 1 if item else 0)
    try:
        results = await api.get("/v1/search", q=words, is_="item", limit=MAX_RESULTS)
    except ApiRefusal as error:
        if error.status not in (422, 503):
            raise
        return Search(words, refusal=error.detail)
    return Search(words, results["items"], results["total"])


async def _load_item(api: PublicApi, citation: Document) -> ItemEvidence:
    id = citation["merged_into"] or citation["item_id"]
    item, appraisals, changes = await asyncio.gather(
        api.find_aside(f"/v1/evidence/{id}"), api.find_aside(f"/v1/evidence/{id}/appraisals"), _changes(api, citation)
    )
    resolved = [appraisal for appraisal in appraisals.get("items", ()) if appraisal["status"] == "resolved"]
    return ItemEvidence(item, resolved, changes)


async def _changes(api: PublicApi, citation: Document) -> list[TextChange]:
    if citation["merged_into"] or not (citation["current_edition"] or 0) > citation["edition"]:
        return []
    path = f"/v1/evidence/{citation['item_id']}"
    return await find_changes(api, path, citation["edition"], citation["current_edition"])
