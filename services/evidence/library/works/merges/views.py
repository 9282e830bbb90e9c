"""Merges as they are returned."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.works.merges import queries, rules
from services.evidence.library.works.merges.tables import Merge, MergeStatus
from shared.views import View


class MergedItem(View):
    """An item that was merged into another one, and what it was before."""

    item_id: UUID
    title: str
    status: Literal["draft", "published"]


class MergeView(View):
    """One item stands for others: what it received of each, and whether that was undone."""

    id: UUID
    status: MergeStatus
    into: UUID
    into_title: str
    items: list[MergedItem]
    changes: list[rules.FieldChange] = Field(description="What the surviving item received, field by field.")
    created_at: datetime
    undone_at: datetime | None
    problems: list[str] = Field(
        description="After an undo: the fields that could not be restored, since they were changed after the merge."
    )


async def merge_views(session: AsyncSession, merges: Sequence[Merge]) -> list[MergeView]:
    """Return the merges with their items."""
    rows = await queries.merged_items_of(session, [merge.id for merge in merges])
    ids = {merge.into_id for merge in merges} | {row.item_id for merge in merges for row in rows[merge.id]}
    titles = await queries.titles_of(session, ids)
    return [
        MergeView(
            id=merge.id,
            status=merge.status,
            into=merge.into_id,
            into_title=titles[merge.into_id],
            items=[
                MergedItem.model_validate({**row._asdict(), "title": titles[row.item_id]}) for row in rows[merge.id]
            ],
            changes=[rules.FieldChange.model_validate(change) for change in merge.changes],
            created_at=merge.created_at,
            undone_at=merge.undone_at,
            problems=rules.undo_problems(merge.fields_not_restored),
        )
        for merge in merges
    ]
