"""Editions of items over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from services.evidence.callers import Anyone, ContributorOrPartner
from services.evidence.library.items.editions import commands, queries, rules
from services.evidence.library.items.editions.views import EditionView, ItemEdition
from services.evidence.library.items.queries import ItemNotFound, get_visible_item
from services.evidence.library.items.rules import ItemMerged, ItemWithdrawn, MergedItemIsReadOnly, may_see_all
from services.evidence.library.items.views import item_cache_policy, item_response
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import NotAllowed, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/evidence", "Evidence")

EditionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
MISSING = (ItemNotFound, queries.EditionNotFound, ItemWithdrawn, rules.EditionErased)


@router.get("/{item_id}/versions", response_model=Page[ItemEdition], responses=documented(*MISSING, ItemMerged))
async def list_editions(item_id: UUID, caller: Anyone, session: Reading, paging: Paging) -> Page[ItemEdition]:
    """List every edition since the item was published, the latest first. A draft has one."""
    item = await get_visible_item(session, item_id, caller)
    item_cache_policy(item, whole=False).set_on(paging.response)
    editions = queries.numbered_editions(item_id)
    key = (editions.selected_columns.edition,)
    return await paginate(session, editions, paging, key=key, view=ItemEdition.of, descending=True)


@router.get("/{item_id}/versions/{edition}", response_model=EditionView, responses=documented(*MISSING, ItemMerged))
async def get_edition(item_id: UUID, edition: EditionNumber, caller: Anyone, session: Reading) -> Response:
    """Return an item as it was in one edition. People are named as they wish to be today."""
    row = await queries.get_visible_edition(session, item_id, edition, caller)
    return item_response(
        row,
        whole=may_see_all(caller, row),
        current_edition=row.current_edition,
        superseded_at=row.superseded_at,
    )


@router.delete(
    "/{item_id}/versions/{edition}",
    status_code=204,
    responses=documented(
        *MISSING,
        MergedItemIsReadOnly,
        rules.EditionIsCurrent,
        rules.ResearchEditionsAreKept,
        NotAllowed,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def delete_edition(
    item_id: UUID, edition: EditionNumber, match: IfMatch, caller: ContributorOrPartner, uow: Transaction
) -> None:
    """Erase what an account or practice knowledge said before it was changed: whoever gave it, or an editor.

    The edition stays in the list without its text, so that what cites it can be reviewed.
    """
    await commands.erase_edition(uow, item_id, edition, caller, match)
