"""Limits of exports, their refusals, and what an export's entity tag stands for."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.problems import Invalid, NotFound, Problem

MAX_IDS = 200
MAX_CONCURRENT_EXPORTS = 3
"""In one process: each holds a connection to the database for as long as it takes."""
MAX_SEARCH_HITS = 50_000
"""What the search index can rank at once."""


class NothingChosen(NotFound):
    title = "None of these items is published"
    detail = "They are not published, or not any more, or never were. Check the ids, or export what fits the filters."


class ExportsBusy(Problem):
    status = 503
    title = "Several exports are under way already"
    detail = "Each gets the whole library at once. Try again in a minute, or narrow it down with filters."


class TooManyHits(Invalid):
    title = "This search finds more than can be exported by relevance"
    detail = (
        f"Narrow it down to {MAX_SEARCH_HITS:,} items with filters, or leave out q and take everything that fits them."
    )


def entity_tag(library_state: str, query: str) -> str:
    """Return the weak ETag of the export that this query gets of this state of the library."""
    return f'W/"{hashlib.sha256(f"{library_state} {query}".encode()).hexdigest()[:20]}"'


def resolve_chosen(
    chosen_ids: Sequence[UUID], published_ids: Mapping[UUID, UUID], hit_ids: Sequence[UUID] | None
) -> list[UUID]:
    """Return the published items that stand for the chosen ones, each once and in their order.

    `published_ids`: by each chosen id that is published or merged, the item that stands for it. `hit_ids`: of a search,
    to which the items are narrowed down.
    """
    hits = None if hit_ids is None else set(hit_ids)
    items = dict.fromkeys(published_ids[item_id] for item_id in chosen_ids if item_id in published_ids)
    return [item_id for item_id in items if hits is None or item_id in hits]
