"""Retraction notices of items over HTTP."""

from uuid import UUID

from fastapi import Response

from services.evidence.callers import Editor
from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.queries import ItemNotFound
from services.evidence.library.items.rules import ItemWithdrawn, MergedItemIsReadOnly
from services.evidence.library.items.views import ItemView, item_response
from services.evidence.library.retraction_notices import commands, rules
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.persistence.dependencies import Transaction
from shared.problems import Invalid, PreconditionFailed, documented

router = create_router("/v1/evidence", "Evidence")


@router.post(
    "/{item_id}/retract",
    response_model=ItemView,
    responses=documented(
        ItemNotFound,
        ItemWithdrawn,
        MergedItemIsReadOnly,
        rules.AccountsAreNotRetracted,
        rules.NothingToReinstate,
        rules.NoticeSuperseded,
        Invalid,
        PreconditionFailed,
    ),
)
async def retract_item(
    item_id: UUID, retraction: Retraction, match: IfMatch, caller: Editor, uow: Transaction
) -> Response:
    """Record that the work was retracted, corrected, doubted, superseded or reinstated. It stays published.

    Send `If-Match` to record it only where the item is still as you have read it.
    """
    row = await commands.retract_item(uow, item_id, caller, retraction, match)
    return item_response(row, whole=True)
