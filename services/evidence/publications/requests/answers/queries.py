"""What answers cite."""

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.publications.guides.tables import Guide
from services.evidence.publications.requests.tables import citations


async def get_published_editions(session: AsyncSession, guide_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return the edition of those of the guides that are published."""
    statement = select(col(Guide.id), col(Guide.edition)).where(
        col(Guide.id).in_(guide_ids), col(Guide.status) == "published"
    )
    return dict((await session.execute(statement)).all())


async def store_citations(
    session: AsyncSession, turn_id: UUID, *, guides: Mapping[UUID, int], items: Mapping[UUID, int]
) -> None:
    """Store what the answer of a turn cites, each with its edition, in the order in which it is shown."""
    sources = [*(("guide", *guide) for guide in guides.items()), *(("item", *item) for item in items.items())]
    rows = [
        {"turn_id": turn_id, "kind": kind, "source_id": source_id, "edition": edition, "position": position}
        for position, (kind, source_id, edition) in enumerate(sources)
    ]
    if rows:
        await session.execute(insert(citations), rows)
