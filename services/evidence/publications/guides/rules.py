"""What may become of a guide, who may see and publish it, and what stands against what it cites."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from services.evidence.library.items.descriptions import WAYS
from services.evidence.publications.guides.citing import Cited, voices
from services.evidence.publications.guides.documents import GuideContent
from services.evidence.publications.guides.tables import Guide, GuideDraft
from shared.callers import Caller, Role
from shared.events.contracts.evidence import GuidePublished, GuideWithdrawn
from shared.problems import Conflict, Gone, Invalid, NotAllowed, NotFound

Decision = Literal["repin", "remove", "keep"]


class GuideNotFound(NotFound):
    detail = "No guide with this id was found, or it is not published yet. Check the id, or look in the list."


class GuideEditionNotFound(NotFound):
    detail = "This guide has no published edition of this number. The list is at its /versions."


class GuideIsWithdrawn(Gone):
    title = "This guide has been withdrawn"
    detail = "It is no longer shown or applied. Nothing needs to be done; search for what else is known."

    def __init__(self, guide: Guide | None = None) -> None:
        super().__init__(tombstone=guide and {"id": guide.id, "withdrawn_at": guide.withdrawn_at})


class NoDraft(Conflict):
    title = "No new edition of this guide is being written"
    detail = "Nothing needs to be done. To begin one, send a PATCH to the guide."


class NeverPublished(Conflict):
    title = "There is nothing else of this guide"
    detail = "It has no published edition that would stay. To be rid of it, withdraw it."


class NotPublished(Conflict):
    title = "This guide is not published yet"
    detail = "Change its draft instead: send a PATCH to the guide."


class NotInReview(Conflict):
    title = "This is not with a reviewer"
    detail = "Look whether the draft has changed since. Its author submits it when it is ready."


class AlreadyInReview(Conflict):
    title = "This is with a reviewer already"
    detail = "Nothing needs to be done. To go on writing, send a PATCH: it comes back to you as a draft."


class OwnWork(NotAllowed):
    title = "Somebody else must publish this"
    detail = "You wrote in this edition. Ask another evidence editor to read it and publish it."


class NotComplete(Invalid):
    title = "The guide is not complete yet"
    detail = "See what is missing in each place, add it and send it again. Nothing was changed."


class CannotStand(Conflict):
    title = "Some of what this guide cites cannot be cited"
    detail = "See each place: cite something else there, or take the citation out. Nothing was changed."


class NothingFlagged(Conflict):
    title = "There is nothing to decide here"
    detail = "Somebody has decided this already, or the reason for it is gone. Look at the list of flags again."


class CannotBeKept(Conflict):
    title = "A withdrawn item can no longer be relied on"
    detail = "Take it out of the statement: its person, or an editor, has taken it back."


class CannotBePinned(Conflict):
    title = "There is no edition to cite instead"
    detail = "The item is no longer shown. Take it out of the statement."


def is_staff(caller: Caller) -> bool:
    """Who sees drafts and flags."""
    return caller.has(Role.EVIDENCE_EDITOR) or (caller.kind == "client" and "evidence:write" in caller.scopes)


def check_may_see(caller: Caller, guide: Guide) -> None:
    """Everyone what is published; drafts, the editors. Raises GuideIsWithdrawn, GuideNotFound."""
    if guide.state == "withdrawn":
        raise GuideIsWithdrawn(guide)
    if guide.state != "published" and not is_staff(caller):
        raise GuideNotFound


def check_stands(guide: Guide) -> None:
    if guide.state == "withdrawn":
        raise GuideIsWithdrawn(guide)


def begin(content: GuideContent, owner: UUID) -> Guide:
    """A guide without an edition: what it says is in its draft."""
    return Guide(title=content.title, owner_id=owner, topics=content.topics)


def write(guide: Guide, draft: GuideDraft, content: GuideContent, author: UUID) -> None:
    """Put this in the place of what the draft said. Whoever reviews it must look again."""
    draft.content = content.kept()
    draft.authors = sorted({*draft.authors, author})
    draft.state = "draft"
    draft.returned_because = None
    if guide.state in ("draft", "review"):
        guide.state = "draft"
        _show(guide, content)


def _show(guide: Guide, content: GuideContent) -> None:
    guide.title, guide.summary, guide.language = content.title, content.summary, content.language
    guide.topics, guide.review_on = content.topics, content.review_on


def submit(guide: Guide, draft: GuideDraft) -> None:
    """Raises AlreadyInReview."""
    if draft.state == "review":
        raise AlreadyInReview
    draft.state = "review"
    draft.returned_because = None
    if guide.state == "draft":
        guide.state = "review"


def give_back(guide: Guide, draft: GuideDraft, because: str) -> None:
    """To its authors, with what the reviewer wants. Raises NotInReview."""
    if draft.state != "review":
        raise NotInReview
    draft.state, draft.returned_because = "draft", because
    if guide.state == "review":
        guide.state = "draft"


def check_may_publish(caller: Caller, draft: GuideDraft) -> None:
    """Four eyes: whoever wrote in an edition does not publish it. Raises NotInReview, OwnWork."""
    if caller.id in draft.authors:
        raise OwnWork
    if draft.state != "review":
        raise NotInReview


def publish(guide: Guide, content: GuideContent, cited: Mapping[UUID, Cited], now: datetime) -> GuidePublished:
    """The next edition, complete and checked."""
    guide.state = "published"
    guide.edition += 1
    guide.published_at = now
    _show(guide, content)
    item_ids = {citation.item_id for statement in content.statements for citation in statement.citations}
    speaking = voices(item_ids, cited)
    return GuidePublished(
        guide_id=guide.id,
        edition=guide.edition,
        topic_ids=tuple(sorted(content.topics)),
        item_ids=tuple(sorted(item_ids)),
        ways_of_knowing=tuple(way for way in WAYS if speaking[way]),
    )


def check_published(guide: Guide) -> None:
    """Raises NotPublished."""
    if guide.state != "published":
        raise NotPublished


def check_may_discard(guide: Guide) -> None:
    """Raises NeverPublished."""
    if guide.state != "published":
        raise NeverPublished


def confirm(guide: Guide, review_on: date) -> None:
    """It still holds. Raises NotPublished."""
    check_published(guide)
    guide.review_on = review_on


class Flagged(Protocol):
    """A citation as it is kept."""

    @property
    def flagged_reason(self) -> str | None: ...
    @property
    def flagged_mark(self) -> str | None: ...
    @property
    def decided(self) -> str | None: ...
    @property
    def kept(self) -> list[dict[str, Any]]: ...


def check_may_decide(decision: Decision, citation: Flagged, now: Cited) -> None:
    """Raises NothingFlagged, CannotBeKept, CannotBePinned."""
    if citation.flagged_mark is None or citation.decided is not None:
        raise NothingFlagged
    if decision == "keep" and now.state != "published":
        raise CannotBeKept
    if decision == "repin" and now.state != "published":
        raise CannotBePinned


def kept(citation: Flagged, because: str, today: date) -> list[dict[str, Any]]:
    """All that editors decided to live with, this included."""
    decided = {"mark": citation.flagged_mark, "reason": citation.flagged_reason, "because": because}
    return [*citation.kept, {**decided, "on": today.isoformat()}]


def withdraw(guide: Guide, now: datetime) -> GuideWithdrawn | None:
    """Out of sight for good; nothing to tell where nobody could see it."""
    was_public = guide.state == "published"
    guide.state, guide.published_at, guide.withdrawn_at = "withdrawn", None, now
    return GuideWithdrawn(guide_id=guide.id) if was_public else None
