"""Storing a new edition of a guide."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.publications.cited_items.rules import carry_over_flag
from services.evidence.publications.guides.citations.queries import GuideCitation, get_citations
from services.evidence.publications.guides.documents.content import GuideContent
from services.evidence.publications.guides.queries import delete_statements
from services.evidence.publications.guides.tables import Guide, citations, editions, statements


async def store_edition(session: AsyncSession, guide: Guide, content: GuideContent, now: datetime) -> None:
    """Store the guide's new edition as a document, and its statements as rows that replace the previous ones.

    A citation that still cites the same edition keeps its flag, and the issues that editors have accepted.
    """
    before = await get_citations(session, guide.id)
    current = and_(editions.c.guide_id == guide.id, editions.c.superseded_at.is_(None))
    await session.execute(update(editions).where(current).values(superseded_at=now))
    document = content.to_json()
    edition_row = {"guide_id": guide.id, "edition": guide.edition, "content": document, "published_at": now}
    await session.execute(insert(editions), [edition_row])
    await delete_statements(session, guide.id)
    columns = ("id", "text", "what_to_try", "cost", "effort", "conditions", "confidence")
    statement_rows = [
        {name: statement[name] for name in columns} | {"guide_id": guide.id, "position": position}
        for position, statement in enumerate(document["statements"])
    ]
    await session.execute(insert(statements), statement_rows)
    await session.execute(insert(citations), _citation_rows(content, before))


def _citation_rows(content: GuideContent, before: Mapping[tuple[UUID, UUID], GuideCitation]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for statement in content.statements:
        for citation in statement.citations:
            earlier = before.get((statement.id, citation.item_id)) if statement.id else None
            row = {"statement_id": statement.id, "item_id": citation.item_id, "edition": citation.edition}
            rows.append(row | carry_over_flag(earlier, citation.edition))
    return rows
