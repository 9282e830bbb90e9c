"""Changes of a published guide that need no new edition."""

from datetime import date
from uuid import UUID

from services.evidence.publications.guides import queries, rules
from services.evidence.publications.guides.editions.queries import EditionSnapshot, load_published_edition
from services.evidence.publications.guides.tables import Guide
from shared import clock
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork


async def confirm_guide(uow: UnitOfWork, guide_id: UUID, review_on: date) -> EditionSnapshot:
    """Record that the published edition still holds, and when it is reviewed again."""
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.confirm(guide, review_on, clock.today())
    return await load_published_edition(uow.session, guide, guide.edition)


async def take_over_guide(uow: UnitOfWork, guide_id: UUID, caller: Caller) -> EditionSnapshot:
    """Make the caller the owner of the guide."""
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.take_over(guide, caller.id)
    return await load_published_edition(uow.session, guide, guide.edition)


async def withdraw_guide(uow: UnitOfWork, guide_id: UUID) -> Guide:
    """Withdraw the guide with its draft and all its editions. Publishes GuideWithdrawn if it was public."""
    guide = await queries.lock_guide(uow.session, guide_id)
    withdrawn = rules.withdraw(guide, clock.now())
    if withdrawn is not None:
        uow.publish(withdrawn, of=guide)
    draft = await queries.find_draft(uow.session, guide_id)
    if draft is not None:
        await uow.remove(draft)
    await queries.delete_statements(uow.session, guide_id)
    return guide
