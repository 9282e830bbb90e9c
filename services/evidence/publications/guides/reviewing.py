"""From a draft to what the public reads, with four eyes; and out of sight again."""

from datetime import date, datetime
from uuid import UUID

from fastapi import Response
from pydantic import Field

from services.evidence.callers import Editor, EditorOrPartner
from services.evidence.publications.guides import checking, flagging, queries, rules, views, writing
from services.evidence.publications.guides.documents import GuideContent, cited_in
from services.evidence.publications.guides.words import Plain
from shared import clock
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.persistence.unit_of_work import Transaction
from shared.problems import FieldError, Invalid, PreconditionFailed, documented
from shared.views import Body, View

router = create_router("/v1/guides", "guides")


class GivenBack(Body):
    """What the reviewer wants before it can be published. For the authors alone."""

    because: Plain = Field(min_length=1)


class StillHolds(Body):
    """Somebody looked at the whole guide and found that it holds."""

    review_on: date = Field(description="The day by which somebody looks at it again.")


class GuideWithdrawal(View):
    """What is left of a guide."""

    id: UUID
    withdrawn_at: datetime


@router.post(
    "/{guide_id}/submit",
    response_model=views.GuideDraftView,
    responses=documented(
        rules.GuideNotFound, rules.GuideIsWithdrawn, rules.NoDraft, rules.AlreadyInReview, rules.NotComplete
    ),
)
async def submit_guide(guide_id: UUID, caller: EditorOrPartner, uow: Transaction) -> Response:
    """Give the draft to a reviewer: any editor who did not write in it."""
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.check_stands(guide)
    draft = await queries.draft_now(uow.session, guide_id)
    content = GuideContent.model_validate(draft.content)
    cited = await queries.cited_items(uow.session, cited_in(content))
    rules.submit(guide, draft)
    if errors := checking.unready(content, cited, clock.today()):
        raise rules.NotComplete(errors=errors)
    uow.record("submitted", "Guide", guide_id)
    guide.updated_at = clock.now()
    return await writing.answered(uow, guide, draft)


@router.post(
    "/{guide_id}/return",
    response_model=views.GuideDraftView,
    responses=documented(rules.GuideNotFound, rules.GuideIsWithdrawn, rules.NoDraft, rules.NotInReview),
)
async def return_guide(guide_id: UUID, back: GivenBack, caller: Editor, uow: Transaction) -> Response:
    """Give the draft back to its authors, and say what it needs."""
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.check_stands(guide)
    draft = await queries.draft_now(uow.session, guide_id)
    rules.give_back(guide, draft, back.because)
    uow.record("returned", "Guide", guide_id)
    guide.updated_at = clock.now()
    return await writing.answered(uow, guide, draft)


@router.post(
    "/{guide_id}/publish",
    response_model=views.GuideView,
    responses=documented(
        rules.GuideNotFound,
        rules.GuideIsWithdrawn,
        rules.NoDraft,
        rules.NotInReview,
        rules.OwnWork,
        rules.NotComplete,
        rules.CannotStand,
        PreconditionFailed,
    ),
)
async def publish_guide(guide_id: UUID, match: IfMatch, caller: Editor, uow: Transaction) -> Response:
    """Let everyone read it, in place of the edition before. Whoever wrote in it cannot do this.

    With `If-Match` only what you have read is published. An item that was withdrawn since is refused, in its place.
    """
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.check_stands(guide)
    if match.header is not None:
        writing.check_same(match, guide)
    draft = await queries.draft_now(uow.session, guide_id)
    rules.check_may_publish(caller, draft)
    content = GuideContent.model_validate(draft.content)
    await queries.hold_items(uow.session, cited_in(content))
    cited = await queries.cited_items(uow.session, cited_in(content))
    if errors := checking.unfit(content, cited):
        raise rules.CannotStand(errors=errors)
    if errors := checking.missing(content, clock.today()) + checking.unfounded(content, cited):
        raise rules.NotComplete(errors=errors)
    now = clock.now()
    uow.publish(rules.publish(guide, content, cited, now), of=guide)
    await uow.remove(draft)
    await uow.session.flush()
    await queries.keep_edition(uow.session, guide, content, now)
    await flagging.flag_citations(uow.session, flagging.of_guide(guide_id), now)
    return await writing.shown_edition(uow.session, guide, guide.edition, public=False)


@router.post(
    "/{guide_id}/reviewed",
    response_model=views.GuideView,
    responses=documented(rules.GuideNotFound, rules.GuideIsWithdrawn, rules.NotPublished, Invalid),
)
async def confirm_guide(guide_id: UUID, holds: StillHolds, caller: Editor, uow: Transaction) -> Response:
    """Say that the published edition still holds, and when to look again. It leaves the list of what is due."""
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.check_stands(guide)
    if holds.review_on <= clock.today():
        raise Invalid(errors=[FieldError(pointer="/review_on", detail="Give a day that is still to come.")])
    rules.confirm(guide, holds.review_on)
    await uow.session.flush()
    return await writing.shown_edition(uow.session, guide, guide.edition, public=False)


@router.post(
    "/{guide_id}/take-over",
    response_model=views.GuideView,
    responses=documented(rules.GuideNotFound, rules.GuideIsWithdrawn, rules.NotPublished),
)
async def take_over_guide(guide_id: UUID, caller: Editor, uow: Transaction) -> Response:
    """Become its owner: you are told when something that it cites changes."""
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.check_stands(guide)
    rules.check_published(guide)
    guide.owner_id = caller.id
    await uow.session.flush()
    return await writing.shown_edition(uow.session, guide, guide.edition, public=False)


@router.post(
    "/{guide_id}/withdraw",
    response_model=GuideWithdrawal,
    responses=documented(rules.GuideNotFound, rules.GuideIsWithdrawn),
)
async def withdraw_guide(guide_id: UUID, caller: Editor, uow: Transaction) -> GuideWithdrawal:
    """Take it out of sight for good, all its editions with it."""
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.check_stands(guide)
    now = clock.now()
    if withdrawn := rules.withdraw(guide, now):
        uow.publish(withdrawn, of=guide)
    if draft := await queries.draft(uow.session, guide_id):
        await uow.remove(draft)
    await queries.forget_statements(uow.session, guide_id)
    return GuideWithdrawal(id=guide_id, withdrawn_at=now)
