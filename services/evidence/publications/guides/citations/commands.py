"""Flagging citations whose item has changed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.publications.cited_items.queries import find_merged_ids, get_cited_items, write_flags
from services.evidence.publications.cited_items.rules import find_flag_changes, find_issues
from services.evidence.publications.guides.citations import queries, rules
from services.evidence.publications.guides.tables import Guide, citations
from shared import clock
from shared.persistence.unit_of_work import UnitOfWork


async def flag_citations_of(uow: UnitOfWork, item_id: UUID) -> None:
    """Bring the flags of all citations of the item, and of those merged into it, up to date.

    Publishes GuideFlagsChanged for what stands on the guides. Guides are locked before their citations, as they are
    when one is published. Where a flag changes, the guides count as changed, so that search reads them again.
    """
    now = clock.now()
    item_ids = await find_merged_ids(uow.session, item_id)
    guides = await queries.lock_citing_guides(uow.session, item_ids)
    changed = await update_flags(uow.session, queries.cites_items(item_ids), now) if guides else set[UUID]()
    if changed:
        await queries.touch_guides(uow.session, [guide.id for guide in guides], now)
        await publish_flags(uow, guides, changed)


async def publish_flags(uow: UnitOfWork, guides: Sequence[Guide], statement_ids: Collection[UUID]) -> None:
    """Publish GuideFlagsChanged for those of the guides that have one of these statements."""
    changed_ids = await queries.find_guides_of(uow.session, statement_ids)
    doubts = await queries.get_doubts(uow.session, changed_ids)
    for guide in guides:
        if guide.id in changed_ids:
            uow.publish(rules.flags_changed(guide.id, doubts.get(guide.id, ())), of=guide)


async def update_flags(session: AsyncSession, condition: ColumnElement[bool], now: datetime) -> set[UUID]:
    """Bring the flags of these citations in line with their items as they are now. Returns the statements that changed.

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
    return {change.citation.statement_id for change in changes}
