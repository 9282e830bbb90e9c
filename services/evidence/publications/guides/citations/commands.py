"""Flagging citations whose item has changed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.publications.cited_items.queries import find_merged_ids, get_cited_items, write_flags
from services.evidence.publications.cited_items.rules import find_flag_changes, find_issues
from services.evidence.publications.guides.citations import queries
from services.evidence.publications.guides.tables import citations


async def flag_citations_of(session: AsyncSession, item_id: UUID, now: datetime) -> None:
    """Bring the flags of all citations of the item, and of those merged into it, up to date.

    Guides are locked before their citations, as they are when one is published. Where a flag changes, the guides count
    as changed, so that search reads them again.
    """
    item_ids = await find_merged_ids(session, item_id)
    guide_ids = await queries.lock_citing_guides(session, item_ids)
    if guide_ids and await update_flags(session, queries.cites_items(item_ids), now):
        await queries.touch_guides(session, guide_ids, now)


async def update_flags(session: AsyncSession, condition: ColumnElement[bool], now: datetime) -> int:
    """Bring the flags of these citations in line with their items as they are now. Returns how many changed.

    A decision about a flag does not outlast the flag.
    """
    rows = await queries.lock_citations(session, condition)
    items = await get_cited_items(session, {row.item_id for row in rows})
    issues = ((row, find_issues(row.item_id, row.edition, items[row.item_id])) for row in rows)
    changes = find_flag_changes(issues, now)
    decided = [change.citation for change in changes if change.citation.decision]
    if decided:
        await queries.reset_decisions(
            session, or_(*(queries.is_citation(row.statement_id, row.item_id) for row in decided))
        )
    await write_flags(session, citations, changes)
    return len(changes)
