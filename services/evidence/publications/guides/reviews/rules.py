"""How a draft is submitted, returned and published: nobody publishes a draft that they wrote in."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from services.evidence.library.items.descriptions import WAYS
from services.evidence.publications.cited_items.rules import CitedItem, count_by_way_of_knowing
from services.evidence.publications.guides.documents.content import GuideContent, find_cited_ids
from services.evidence.publications.guides.rules import copy_summary
from services.evidence.publications.guides.tables import Guide, GuideDraft
from shared.callers import Caller
from shared.events.contracts.evidence import GuidePublished
from shared.problems import Conflict, Invalid, NotAllowed


class NotInReview(Conflict):
    title = "This draft is not in review"
    detail = "Check whether the draft has changed since. Its author submits it when it is ready."


class AlreadyInReview(Conflict):
    title = "This draft is in review already"
    detail = "Nothing needs to be done. To go on writing, send a PATCH: it returns to you as a draft."


class OwnWork(NotAllowed):
    title = "Somebody else must publish this"
    detail = "You wrote in this edition. Ask another evidence editor to read it and publish it."


class GuideIncomplete(Invalid):
    title = "The guide is not complete yet"
    detail = "See what is missing in each place, add it and send it again. Nothing was changed."


class CannotBeCited(Conflict):
    title = "Some of what this guide cites cannot be cited"
    detail = "See each place: cite something else there, or remove the citation. Nothing was changed."


def submit(guide: Guide, draft: GuideDraft) -> None:
    """Hand the draft to a reviewer. Raises AlreadyInReview."""
    if draft.status == "review":
        raise AlreadyInReview
    draft.status = "review"
    draft.returned_because = None
    if guide.status == "draft":
        guide.status = "review"


def return_to_authors(guide: Guide, draft: GuideDraft, because: str) -> None:
    """Return the draft to its authors with the reviewer's reason. Raises NotInReview."""
    if draft.status != "review":
        raise NotInReview
    draft.status, draft.returned_because = "draft", because
    if guide.status == "review":
        guide.status = "draft"


def check_may_publish(caller: Caller, draft: GuideDraft) -> None:
    """Raise OwnWork for anyone who edited the draft, NotInReview for a draft that was not submitted."""
    if caller.id in draft.author_ids:
        raise OwnWork
    if draft.status != "review":
        raise NotInReview


def publish(guide: Guide, content: GuideContent, items: Mapping[UUID, CitedItem], now: datetime) -> GuidePublished:
    """Publish the next edition, whose content has been checked. Return the event."""
    guide.status = "published"
    guide.edition += 1
    guide.published_at = now
    copy_summary(guide, content)
    item_ids = find_cited_ids(content)
    counts = count_by_way_of_knowing(item_ids, items)
    return GuidePublished(
        guide_id=guide.id,
        edition=guide.edition,
        topic_ids=tuple(sorted(content.topics)),
        item_ids=tuple(item_ids),
        ways_of_knowing=tuple(way for way in WAYS if counts[way]),
    )
