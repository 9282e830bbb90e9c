"""Editions of guides in SQL, each with everything shown with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, case, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.publications.cited_items.queries import get_cited_items
from services.evidence.publications.cited_items.rules import CitedItem
from services.evidence.publications.guides.citations.queries import GuideCitation, get_noted_citations
from services.evidence.publications.guides.documents.content import GuideContent, find_cited_ids
from services.evidence.publications.guides.queries import get_draft, get_guide, get_readable_guide
from services.evidence.publications.guides.tables import Guide, GuideDraft, GuideStatus, editions
from shared.callers import Caller
from shared.persistence.columns import select_columns
from shared.problems import NotFound

HELD_BACK_TITLE = "The title is held back"


class GuideEditionNotFound(NotFound):
    title = "There is no such edition"
    detail = "Check the number. Published editions are listed at /versions of the guide."


class StoredEdition(NamedTuple):
    """A published edition as it was written. `superseded_at` is None for the current one."""

    content: Mapping[str, Any]
    published_at: datetime
    superseded_at: datetime | None
    repeats: Sequence[UUID]
    """What of it repeats words that were taken back: statements, or the guide itself for its title and summary."""


@dataclass(frozen=True)
class EditionSnapshot:
    """A published edition, or the next one, with everything shown with it. `content`: see `GuideContent.to_json`."""

    guide: Guide
    content: Mapping[str, Any]
    items: Mapping[UUID, CitedItem]
    """By the id that was cited."""
    status: GuideStatus
    edition: int
    published_at: datetime | None = None
    superseded_at: datetime | None = None
    citations: Mapping[tuple[UUID, UUID], GuideCitation] = field(default_factory=dict[tuple[UUID, UUID], GuideCitation])
    """Those that are flagged or have accepted issues, by statement and item."""
    draft: GuideDraft | None = None
    repeats: frozenset[UUID] = frozenset()
    """Statements that repeat words which were taken back; the guide's id for its title and summary."""

    @property
    def is_current(self) -> bool:
        """Whether it is the current published edition."""
        return self.status == "published" and self.superseded_at is None


async def get_stored_edition(session: AsyncSession, guide_id: UUID, edition: int) -> StoredEdition:
    """Return a published edition. Raises GuideEditionNotFound."""
    statement = select(*(editions.c[name] for name in StoredEdition._fields)).where(
        editions.c.guide_id == guide_id, editions.c.edition == edition
    )
    row = (await session.execute(statement)).first()
    if row is None:
        raise GuideEditionNotFound
    return StoredEdition._make(row)


async def get_current_content(session: AsyncSession, guide: Guide, draft: GuideDraft | None) -> GuideContent:
    """Return what a change applies to: the draft, or the published edition with the day of its next review."""
    if draft is not None:
        return GuideContent.model_validate(draft.content)
    stored = await get_stored_edition(session, guide.id, guide.edition)
    return GuideContent.model_validate({**stored.content, "review_on": guide.review_on})


async def load_published_edition(session: AsyncSession, guide: Guide, edition: int) -> EditionSnapshot:
    """Load a published edition, with the items that it cites as they are today. Raises GuideEditionNotFound."""
    stored = await get_stored_edition(session, guide.id, edition)
    citations = await get_noted_citations(session, guide.id) if edition == guide.edition else {}
    quoted_ids = {citation.item_id for citation in citations.values() if citation.repeats}
    return EditionSnapshot(
        guide,
        stored.content,
        await get_cited_items(session, {*_find_stored_ids(stored.content), *quoted_ids}),
        "published",
        edition,
        stored.published_at,
        stored.superseded_at,
        citations,
        repeats=frozenset(stored.repeats),
    )


async def load_draft(session: AsyncSession, guide: Guide, draft: GuideDraft) -> EditionSnapshot:
    """Load the next edition as it is being written."""
    content = GuideContent.model_validate(draft.content)
    items = await get_cited_items(session, find_cited_ids(content))
    return EditionSnapshot(guide, draft.content, items, draft.status, guide.edition + 1, draft=draft)


async def load_current_edition(session: AsyncSession, guide_id: UUID, caller: Caller) -> EditionSnapshot:
    """Load the published edition; before the first one, the draft for those who may see it. Raises GuideNotFound."""
    guide = await get_readable_guide(session, guide_id, caller)
    if guide.status == "published":
        return await load_published_edition(session, guide, guide.edition)
    return await load_draft(session, guide, await get_draft(session, guide_id))


async def load_visible_edition(session: AsyncSession, guide_id: UUID, edition: int, caller: Caller) -> EditionSnapshot:
    """Load a published edition for those who may see the guide. Raises GuideNotFound, GuideEditionNotFound."""
    return await load_published_edition(session, await get_readable_guide(session, guide_id, caller), edition)


async def load_next_edition(session: AsyncSession, guide_id: UUID) -> EditionSnapshot:
    """Load the draft of the next edition. Raises NoDraft."""
    return await load_draft(session, await get_guide(session, guide_id), await get_draft(session, guide_id))


def _find_stored_ids(content: Mapping[str, Any]) -> list[UUID]:
    cited = {citation["item_id"] for statement in content["statements"] for citation in statement["citations"]}
    return [UUID(item_id) for item_id in sorted(cited)]


def list_editions(guide_id: UUID) -> Select[Any]:
    """Select the published editions, to be paged by number."""
    held_back = editions.c.repeats.contains([guide_id])
    title = case((held_back, HELD_BACK_TITLE), else_=editions.c.content["title"].astext).label("title")
    statement = select_columns(editions.c.edition, editions.c.published_at, editions.c.superseded_at, title)
    return statement.where(editions.c.guide_id == guide_id)
