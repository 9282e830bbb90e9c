"""The consent of an account."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.consent.rules import check_has_consent
from services.evidence.library.items.queries import ItemRow, check_visible, get_item
from services.evidence.library.items.rules import check_not_merged
from shared.callers import Caller


async def get_account(session: AsyncSession, item_id: UUID, caller: Caller) -> ItemRow:
    """Return an account of lived experience whose consent the caller may read.

    Raises ItemNotFound, MergedItemIsReadOnly, ItemWithdrawn, NotAllowed, ConsentNotApplicable.
    """
    row = await get_item(session, item_id)
    check_not_merged(row)
    check_visible(caller, row)
    check_has_consent(caller, row)
    return row
