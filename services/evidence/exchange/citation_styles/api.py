"""Citations and lists of references over HTTP."""

from email.utils import format_datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.evidence.callers import Anyone
from services.evidence.exchange.citation_styles import queries, rules
from services.evidence.exchange.citation_styles.citations import CitationFormat
from services.evidence.exchange.citation_styles.views import (
    CitationStyle,
    CitationStyles,
    CitationView,
    Reference,
    References,
)
from services.evidence.library.items.queries import ItemNotFound
from services.evidence.library.items.rules import ItemMerged, ItemWithdrawn
from shared.http.caching import PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.problems import documented

router = create_router("/v1/exports", "Exports")
items_router = create_router("/v1/evidence", "Evidence")

Ids = Annotated[
    list[UUID],
    Query(alias="id", min_length=1, max_length=rules.MAX_REFERENCES, description="These items, in this order."),
]
Style = Annotated[str, Query(description="See `/v1/exports/citation-styles`.", max_length=60)]
Format = Annotated[CitationFormat, Query(description="`html` has italics where the style wants them.")]


@router.get("/citation-styles", response_model=CitationStyles)
async def list_citation_styles(_caller: Anyone) -> CitationStyles:
    """List the styles in which an item can be cited."""
    return CitationStyles(
        items=[CitationStyle(style=style, name=style_file.label) for style, style_file in rules.STYLES.items()]
    )


@router.get(
    "/references",
    response_model=References,
    responses=documented(rules.UnknownStyle),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def list_references(
    request: Request, _caller: Anyone, ids: Ids, style: Style = "apa", format: Format = "text"
) -> References:
    """List references to chosen items, in one of the common styles."""
    state = request.app.state
    references = await queries.list_references(state.database, state.settings.public_url, ids, style, format)
    return References(
        style=style,
        format=format,
        items=[Reference(id=item.id, citation=item.citation) for item in references.items],
        left_out=references.left_out,
    )


@items_router.get(
    "/{item_id}/citation",
    response_model=CitationView,
    responses=documented(ItemNotFound, ItemWithdrawn, ItemMerged, rules.UnknownStyle),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def cite_item(
    request: Request,
    response: Response,
    item_id: UUID,
    _caller: Anyone,
    style: Style = "apa",
    format: Format = "text",
) -> CitationView:
    """Cite a published item. An account is cited by the name that its person chose, or as Anonymous."""
    state = request.app.state
    item = await queries.cite_item(state.database, state.settings.public_url, item_id, style, format)
    response.headers["Last-Modified"] = format_datetime(item.updated_at, usegmt=True)
    return CitationView(style=style, format=format, citation=item.citation)
