"""Exports over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.evidence.callers import Anyone, is_editor
from services.evidence.discovery.search.filters import SearchFilters
from services.evidence.discovery.search.rules import IndexBeingBuilt, NothingToSearchFor
from services.evidence.exchange.exports import commands, downloads, rules
from services.evidence.exchange.exports.filters import ExportFilters
from services.evidence.exchange.writers.formats import FORMATS, FormatName
from services.evidence.library.topics.queries import TopicNotFound
from shared.http.caching import NO_STORE, PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.http.etags import parse_etags
from shared.persistence.dependencies import Reading
from shared.problems import Invalid, documented

router = create_router("/v1/exports", "Exports")

LEFT_OUT = "With `id`: how many of those items are not published, or no longer are."
Ids = Annotated[
    list[UUID] | None,
    Query(alias="id", max_length=rules.MAX_IDS, description="Only these items, in this order; repeat it for each."),
]


@router.get(
    "/evidence",
    status_code=200,
    response_class=downloads.Download,
    dependencies=[Depends(PUBLIC_REVALIDATED)],
    responses={
        200: {
            "description": "The file, as it is read from the library.",
            "headers": {"Items-Left-Out": {"schema": {"type": "integer"}, "description": LEFT_OUT}},
            "content": {export_format.media_type.partition(";")[0]: {} for export_format in FORMATS.values()},
        },
        304: {"description": "Nothing has changed since."},
        **documented(
            Invalid,
            TopicNotFound,
            rules.NothingChosen,
            NothingToSearchFor,
            IndexBeingBuilt,
            rules.TooManyHits,
            rules.ExportsBusy,
            rules.OnlyEditorsExportDrafts,
            rules.SearchHoldsNoDrafts,
        ),
    },
)
async def export_evidence(
    request: Request,
    caller: Anyone,
    session: Reading,
    filters: SearchFilters,
    own_filters: ExportFilters,
    format: Annotated[FormatName, Query(description="Every format but `xlsx` and `jsonld` can be imported again.")],
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=500, description="The items of /v1/search, in the order of `relevance`."),
    ] = None,
    ids: Ids = None,
) -> Response:
    """Download the items that match, the newest first, as a file for other programs.

    Everybody gets what is published; editors, with `status=draft`, what is not yet.
    It shows the library at one moment, however long it takes. Withdrawn items are left out; retractions are stated.
    """
    if own_filters.status == "draft" and not is_editor(caller):
        raise rules.OnlyEditorsExportDrafts
    state = request.app.state
    resources = commands.ExportResources(state.database, state.search_index, state.exports, state.settings.public_url)
    export_request = commands.ExportRequest(
        format,
        filters,
        own_filters,
        q,
        ids,
        query=str(request.query_params.multi_items()),
        known_etags=parse_etags(request.headers.get("if-none-match", "")),
    )
    response = downloads.response_of(await commands.begin_export(resources, session, export_request), format)
    if own_filters.status == "draft":
        NO_STORE.set_on(response)
    return response
