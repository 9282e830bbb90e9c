"""Writing the next edition of a guide."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.topics.queries import unknown_topics
from services.evidence.publications.cited_items.etags import check_version
from services.evidence.publications.cited_items.queries import get_cited_items
from services.evidence.publications.guides import queries
from services.evidence.publications.guides.citations.queries import cited_in_guide, get_citations, reset_decisions
from services.evidence.publications.guides.documents.checks import assign_statement_ids, find_errors
from services.evidence.publications.guides.documents.citations import pin_editions
from services.evidence.publications.guides.documents.content import GuideContent, find_cited_ids
from services.evidence.publications.guides.drafts import rules
from services.evidence.publications.guides.editions.queries import EditionSnapshot, get_current_content, load_draft
from services.evidence.publications.guides.tables import Guide, GuideDraft
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.http.merge_patch import patch_model
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid


async def create_guide(uow: UnitOfWork, content: GuideContent, caller: Caller) -> EditionSnapshot:
    """Create a guide with its first draft. Raises Invalid."""
    guide = rules.create_guide(content, caller.id)
    uow.save(guide)
    draft = await write_draft(uow, guide, None, content, caller.id)
    return await load_written_draft(uow, guide, draft)


async def update_guide(
    uow: UnitOfWork, guide_id: UUID, patch: dict[str, Any], match: Match, caller: Caller
) -> EditionSnapshot:
    """Change the draft, or begin one from the published edition. Raises Invalid, RequestValidationError."""
    guide = await queries.lock_guide(uow.session, guide_id)
    check_version(match, guide)
    draft = await queries.find_draft(uow.session, guide_id)
    content = patch_model(await get_current_content(uow.session, guide, draft), patch)
    draft = await write_draft(uow, guide, draft, content, caller.id)
    return await load_written_draft(uow, guide, draft)


async def discard_draft(uow: UnitOfWork, guide_id: UUID, match: Match) -> None:
    """Delete the draft. Decisions that it would have carried out must be made again. Raises NeverPublished."""
    guide = await queries.lock_guide(uow.session, guide_id)
    draft = await queries.get_draft(uow.session, guide_id)
    check_version(match, guide)
    rules.check_may_discard(guide)
    await uow.remove(draft)
    await reset_decisions(uow.session, cited_in_guide(guide_id))
    uow.record("draft discarded", "Guide", guide_id)
    guide.updated_at = clock.now()


async def write_draft(
    uow: UnitOfWork, guide: Guide, draft: GuideDraft | None, content: GuideContent, author_id: UUID
) -> GuideDraft:
    """Store the document as the draft of the guide, which the caller has locked. Raises Invalid."""
    is_new = draft is None and guide.edition == 0
    before = None if is_new else await get_current_content(uow.session, guide, draft)
    statement_ids = {statement.id for statement in before.statements if statement.id} if before else set[UUID]()
    statement_ids |= {statement_id for statement_id, _ in await get_citations(uow.session, guide.id)}
    content = assign_statement_ids(content, statement_ids)
    content = await _check_and_pin(uow.session, content, find_cited_ids(before) if before else ())
    if draft is None:
        draft = GuideDraft(id=guide.id, content={}, author_ids=[])
        uow.save(draft)
    rules.change_draft(guide, draft, content, author_id)
    guide.updated_at = clock.now()
    return draft


async def load_written_draft(uow: UnitOfWork, guide: Guide, draft: GuideDraft) -> EditionSnapshot:
    """Load the draft as this unit of work leaves it."""
    # The ETag has the version that the guide gets when it is written, and a digest of the body. The database keeps the
    # fields of the document in an order of its own, in which the next GET shows them.
    await uow.session.flush()
    await uow.session.refresh(draft, ["content"])
    return await load_draft(uow.session, guide, draft)


async def _check_and_pin(session: AsyncSession, content: GuideContent, cited_before: Collection[UUID]) -> GuideContent:
    items = await get_cited_items(session, find_cited_ids(content))
    errors = find_errors(content, items, cited_before)
    for position in await unknown_topics(session, content.topics):
        detail = "There is no such topic. The list is at /v1/topics."
        errors.append(FieldError(pointer=f"/topics/{position}", detail=detail))
    if errors:
        raise Invalid(errors=errors)
    return pin_editions(content, items)
