"""Notices by the identifiers of the works that they are about."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.tables import identifiers
from services.evidence.library.retraction_notices.rules import Notice
from services.evidence.library.retraction_notices.tables import retraction_notices


async def save_notices(session: AsyncSession, notices: Iterable[Notice]) -> None:
    """Add these for each identifier of their works, whether or not the work is in the library. Repeats add nothing."""
    contents = {
        (scheme, value, notice.digest): notice.retraction.model_dump(mode="json")
        for notice in notices
        for scheme, value in notice.names
    }
    if contents:
        rows = [
            {"scheme": scheme, "value": value, "digest": digest, "retraction": content}
            for (scheme, value, digest), content in sorted(contents.items(), key=lambda row: row[0])
        ]
        await session.execute(insert(retraction_notices).on_conflict_do_nothing(), rows)


async def notices_of(session: AsyncSession, item_ids: Collection[UUID]) -> dict[UUID, list[Retraction]]:
    """Return every notice about these items, by any of their identifiers; items without a notice are left out."""
    notice = retraction_notices.c
    same_identifier = (identifiers.c.scheme == notice.scheme) & (identifiers.c.value == notice.value)
    statement = (
        select(identifiers.c.item_id, notice.retraction)
        .join(retraction_notices, same_identifier)
        .where(identifiers.c.item_id.in_(item_ids))
    )
    by_item: dict[UUID, list[Retraction]] = {}
    for row in await session.execute(statement):
        by_item.setdefault(row.item_id, []).append(Retraction.model_validate(row.retraction))
    return by_item
