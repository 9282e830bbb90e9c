"""Item records over HTTP: where an item comes from."""

from uuid import UUID

from services.evidence.callers import Editor
from services.evidence.exchange.item_records import queries
from services.evidence.exchange.item_records.views import ItemRecordView
from services.evidence.library.items.queries import ItemNotFound
from services.evidence.library.items.tables import Item
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading
from shared.persistence.fetch import fetch
from shared.problems import documented

router = create_router("/v1/evidence", "Evidence")


@router.get("/{item_id}/records", response_model=Page[ItemRecordView], responses=documented(ItemNotFound))
async def list_item_records(item_id: UUID, _caller: Editor, session: Reading, paging: Paging) -> Page[ItemRecordView]:
    """List the records of imports and harvests that became this item or matched it, and what each gave."""
    await fetch(session, Item, item_id, missing=ItemNotFound)
    statement = queries.records_of(item_id)
    key = (statement.selected_columns.source_id, statement.selected_columns.number)
    return await paginate(session, statement, paging, key=key, view=ItemRecordView)
