"""Who may see a guide, and how a published one is reviewed and withdrawn."""

from datetime import date, datetime
from uuid import UUID

from services.evidence.callers import is_editor_or_partner
from services.evidence.library.renditions.rules import GuideIsWithdrawn
from services.evidence.publications.guides.documents.content import GuideContent
from services.evidence.publications.guides.tables import Guide
from shared.callers import Caller
from shared.events.contracts.evidence import GuideWithdrawn
from shared.problems import Conflict, FieldError, Invalid


class NoDraft(Conflict):
    title = "No new edition of this guide is being written"
    detail = "Nothing needs to be done. To begin one, send a PATCH to the guide."


class NotPublished(Conflict):
    title = "This guide is not published yet"
    detail = "Change its draft instead: send a PATCH to the guide."


def can_read(caller: Caller, guide: Guide) -> bool:
    """Return whether the guide is published, or the caller sees drafts."""
    return guide.status == "published" or is_editor_or_partner(caller)


def check_not_withdrawn(guide: Guide) -> None:
    """Raise GuideIsWithdrawn for a withdrawn guide."""
    if guide.status == "withdrawn":
        raise GuideIsWithdrawn(guide.id, guide.withdrawn_at)


def check_published(guide: Guide) -> None:
    """Raise NotPublished unless the guide has a published edition."""
    if guide.status != "published":
        raise NotPublished


def copy_summary(guide: Guide, content: GuideContent) -> None:
    """Copy the fields of the document by which guides are listed."""
    guide.title, guide.summary, guide.language = content.title, content.summary, content.language
    guide.topics, guide.review_on = content.topics, content.review_on


def confirm(guide: Guide, review_on: date, today: date) -> None:
    """Record that the published edition still holds, and when it is reviewed again. Raises Invalid, NotPublished."""
    if review_on <= today:
        raise Invalid(errors=[FieldError(pointer="/review_on", detail="Give a day that is in the future.")])
    check_published(guide)
    guide.review_on = review_on


def take_over(guide: Guide, editor_id: UUID) -> None:
    """Make the editor its owner. Raises NotPublished."""
    check_published(guide)
    guide.owner_id = editor_id


def withdraw(guide: Guide, now: datetime) -> GuideWithdrawn | None:
    """Withdraw the guide. Return the event, or None if it was never published."""
    was_published = guide.status == "published"
    guide.status, guide.published_at, guide.withdrawn_at = "withdrawn", None, now
    return GuideWithdrawn(guide_id=guide.id) if was_published else None
