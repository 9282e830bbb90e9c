"""Limits of exports, their refusals, and what an export's entity tag stands for."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from shared.problems import Invalid, NotAllowed, NotFound, Problem

MAX_IDS = 200
MAX_CONCURRENT_EXPORTS = 3
"""In one process: each holds a connection to the database for as long as it takes."""
MAX_SEARCH_HITS = 50_000
"""What the search index can rank at once."""


class NothingChosen(NotFound):
    title = "None of these items is published"
    detail = "Each was never published or is no longer. Check the ids, or leave them out and use filters."


class OnlyEditorsExportDrafts(NotAllowed):
    title = "Drafts are exported by editors alone"
    detail = "Leave out `status` to export what is published. Your own drafts are at /v1/evidence?status=draft."


class SearchHoldsNoDrafts(Invalid):
    title = "The search finds only what is published"
    detail = "Leave out `q`, and narrow the drafts down with `title` and the other filters."


class ExportsBusy(Problem):
    status = 503
    title = "Several exports are under way already"
    detail = "Each may read the whole library, so only a few run at a time. Try again in a minute."


class TooManyHits(Invalid):
    title = "This search finds more than can be exported by relevance"
    detail = (
        f"Narrow it down to {MAX_SEARCH_HITS:,} items with filters, or leave out q to export all items that match them."
    )


def entity_tag(library_state: str, query: str) -> str:
    """Return the weak ETag of the export for this query in this state of the library."""
    return f'W/"{hashlib.sha256(f"{library_state} {query}".encode()).hexdigest()[:20]}"'


def resolve_chosen(
    chosen_ids: Sequence[UUID], published_ids: Mapping[UUID, UUID], hit_ids: Sequence[UUID] | None
) -> list[UUID]:
    """Return the published items that stand for the chosen ones, in their order, without repeats.

    `published_ids`: by each chosen id that is published or merged, the item that stands for it. `hit_ids`: the items
    that a search found, to which the chosen ones are narrowed down.
    """
    hits = None if hit_ids is None else set(hit_ids)
    items = dict.fromkeys(published_ids[item_id] for item_id in chosen_ids if item_id in published_ids)
    return [item_id for item_id in items if hits is None or item_id in hits]
