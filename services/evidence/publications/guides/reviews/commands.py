"""Submitting, returning and publishing a draft."""

from uuid import UUID

from services.evidence.library.items.words.commands import find_taken_back
from services.evidence.library.items.words.rules import texts_by_pointer
from services.evidence.publications.cited_items.etags import check_version
from services.evidence.publications.cited_items.queries import get_cited_items, lock_items
from services.evidence.publications.guides import queries
from services.evidence.publications.guides.citations.commands import update_flags
from services.evidence.publications.guides.citations.queries import cited_in_guide, get_doubts
from services.evidence.publications.guides.citations.rules import flags_changed
from services.evidence.publications.guides.documents.checks import (
    find_errors,
    find_gaps,
    find_obstacles,
    find_unsupported_confidence,
)
from services.evidence.publications.guides.documents.content import GuideContent, find_cited_ids
from services.evidence.publications.guides.drafts.commands import load_written_draft
from services.evidence.publications.guides.editions.queries import EditionSnapshot, load_published_edition
from services.evidence.publications.guides.reviews import rules
from services.evidence.publications.guides.reviews.queries import store_edition
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def submit_guide(uow: UnitOfWork, guide_id: UUID) -> EditionSnapshot:
    """Hand the draft to a reviewer. Raises NoDraft, AlreadyInReview, GuideIncomplete."""
    guide = await queries.lock_guide(uow.session, guide_id)
    draft = await queries.get_draft(uow.session, guide_id)
    content = GuideContent.model_validate(draft.content)
    items = await get_cited_items(uow.session, find_cited_ids(content))
    rules.submit(guide, draft)
    errors = find_obstacles(content, items, clock.today())
    if errors := errors + await find_taken_back(uow, texts_by_pointer(draft.content)):
        raise rules.GuideIncomplete(errors=errors)
    uow.record("submitted", "Guide", guide_id)
    guide.updated_at = clock.now()
    return await load_written_draft(uow, guide, draft)


async def return_guide(uow: UnitOfWork, guide_id: UUID, because: str) -> EditionSnapshot:
    """Return the draft to its authors. Raises NoDraft, NotInReview."""
    guide = await queries.lock_guide(uow.session, guide_id)
    draft = await queries.get_draft(uow.session, guide_id)
    rules.return_to_authors(guide, draft, because)
    uow.record("returned", "Guide", guide_id)
    guide.updated_at = clock.now()
    return await load_written_draft(uow, guide, draft)


async def publish_guide(uow: UnitOfWork, guide_id: UUID, caller: Caller, match: Match) -> EditionSnapshot:
    """Publish the draft as the next edition. Publishes GuidePublished, and GuideFlagsChanged where it is in doubt.

    Cited items are locked first: none of them is withdrawn between the check and the publication. Without If-Match the
    draft is published as it is. Raises NoDraft, OwnWork, NotInReview, CannotBeCited, GuideIncomplete.
    """
    guide = await queries.lock_guide(uow.session, guide_id)
    if match.header is not None:
        check_version(match, guide)
    draft = await queries.get_draft(uow.session, guide_id)
    rules.check_may_publish(caller, draft)
    content = GuideContent.model_validate(draft.content)
    item_ids = find_cited_ids(content)
    await lock_items(uow.session, item_ids)
    items = await get_cited_items(uow.session, item_ids)
    if errors := find_errors(content, items):
        raise rules.CannotBeCited(errors=errors)
    errors = find_gaps(content, clock.today()) + find_unsupported_confidence(content, items)
    if errors := errors + await find_taken_back(uow, texts_by_pointer(draft.content)):
        raise rules.GuideIncomplete(errors=errors)
    now = clock.now()
    uow.publish(rules.publish(guide, content, items, now), of=guide)
    await uow.remove(draft)
    await store_edition(uow.session, guide, content, now)
    await update_flags(uow.session, cited_in_guide(guide_id), now)
    if doubts := await get_doubts(uow.session, [guide_id]):
        uow.publish(flags_changed(guide_id, doubts[guide_id]), of=guide)
    return await load_published_edition(uow.session, guide, guide.edition)
