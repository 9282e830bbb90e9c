"""Guides over HTTP: read them, write their next edition."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import Body as FromBody
from fastapi import Path, Query, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from services.evidence.callers import Anyone, EditorOrPartner
from services.evidence.library.items.views import PRIVATE, PUBLIC
from services.evidence.library.topics.queries import TopicNotFound, topic_and_below
from services.evidence.publications.guides import deciding, flagging, queries, reviewing, rules, views, writing
from services.evidence.publications.guides.documents import GuideContent
from services.evidence.publications.guides.tables import editions
from shared import clock
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.http.merge_patch import merge_patch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import (
    BadCursor,
    Invalid,
    NotAllowed,
    PreconditionFailed,
    PreconditionRequired,
    SignInNeeded,
    documented,
)

router = create_router("/v1/guides", "guides")
routers = (deciding.router, router, reviewing.router)

Patch = Annotated[
    dict[str, Any],
    FromBody(
        media_type="application/merge-patch+json", description="RFC 7396. The list of statements goes as a whole."
    ),
]


@router.post("", status_code=201, response_model=views.GuideDraftView, responses=documented(Invalid))
async def add_guide(content: GuideContent, caller: EditorOrPartner, uow: Transaction) -> Response:
    """Begin a guide. It may have gaps until it goes to a reviewer; editors alone see it until it is published."""
    guide = rules.begin(content, caller.id)
    uow.save(guide)
    await uow.session.flush()
    draft = await writing.write(uow, guide, None, content, caller.id)
    answer = await writing.answered(uow, guide, draft, status=201)
    answer.headers["Location"] = f"/v1/guides/{guide.id}"
    return answer


@router.get(
    "",
    response_model=Page[views.GuideSummary],
    responses=documented(SignInNeeded, NotAllowed, BadCursor, TopicNotFound),
)
async def list_guides(
    caller: Anyone,
    session: Reading,
    paging: Paging,
    response: Response,
    topic: Annotated[UUID | None, Query(description="Guides to this topic, and to those below it.")] = None,
    way_of_knowing: Annotated[WayOfKnowing | None, Query(description="Guides in which this one speaks.")] = None,
    cites: Annotated[
        UUID | None, Query(description="Guides that cite this item, or one that became part of it.")
    ] = None,
    state: Annotated[
        Literal["published", "draft", "review"], Query(description="For editors: what is being written or reviewed.")
    ] = "published",
    due: Annotated[bool, Query(description="For editors: published guides that are to be looked at again.")] = False,
    mine: Annotated[bool, Query(description="For editors: only those that you own.")] = False,
) -> Page[views.GuideSummary]:
    """What is published, the newest first; or an editor's work: drafts, reviews, and guides whose day has come."""
    if (state != "published" or due or mine) and not rules.is_staff(caller):
        raise SignInNeeded if caller.anonymous else NotAllowed
    wanted = queries.listed(
        state=state,
        topics=None if topic is None else await topic_and_below(session, topic),
        way_of_knowing=way_of_knowing,
        cites=None if cites is None else await flagging.items_standing_behind(session, cites),
        due=clock.today() if due else None,
        owner=caller.id if mine else None,
    )
    response.headers.update(PUBLIC if state == "published" and not (due or mine) else PRIVATE)
    key, descending = queries.brief_order(state, due)
    view = views.GuideSummary.model_validate
    return await paginate(session, wanted, paging, key=key, view=view, descending=descending)


@router.get(
    "/{guide_id}",
    response_model=views.GuideView,
    responses=documented(rules.GuideNotFound, rules.GuideIsWithdrawn),
)
async def get_guide(guide_id: UUID, caller: Anyone, session: Reading) -> Response:
    """The edition that is published; before the first, its draft for editors. A withdrawn guide answers 410."""
    guide = await queries.guide(session, guide_id)
    rules.check_may_see(caller, guide)
    if guide.state == "published":
        return await writing.shown_edition(session, guide, guide.edition, public=True)
    return await writing.shown_draft(session, guide, await queries.draft_now(session, guide_id))


@router.get(
    "/{guide_id}/draft",
    response_model=views.GuideDraftView,
    responses=documented(rules.GuideNotFound, rules.GuideIsWithdrawn, rules.NoDraft),
)
async def get_draft(guide_id: UUID, caller: EditorOrPartner, session: Reading) -> Response:
    """The next edition as it is written, with what is still missing and what became of the items that it cites."""
    guide = await queries.guide(session, guide_id)
    rules.check_stands(guide)
    return await writing.shown_draft(session, guide, await queries.draft_now(session, guide_id))


@router.patch(
    "/{guide_id}",
    response_model=views.GuideDraftView,
    responses=documented(
        rules.GuideNotFound, rules.GuideIsWithdrawn, Invalid, PreconditionFailed, PreconditionRequired
    ),
)
async def change_guide(
    guide_id: UUID, patch: Patch, match: IfMatch, caller: EditorOrPartner, uow: Transaction
) -> Response:
    """Write in the next edition; where none is being written this begins one, and the published one stays as it is.

    Statements keep their ids in all editions: send each with its id, in the order wanted. A guide that is with a
    reviewer comes back to its authors. `If-Match` takes the ETag of the guide or of its draft.
    """
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.check_stands(guide)
    writing.check_same(match, guide)
    draft = await queries.draft(uow.session, guide_id)
    before = await writing.content_now(uow.session, guide, draft)
    written = await writing.write(uow, guide, draft, _content(merge_patch(before.kept(), patch)), caller.id)
    return await writing.answered(uow, guide, written)


@router.delete(
    "/{guide_id}/draft",
    status_code=204,
    responses=documented(
        rules.GuideNotFound,
        rules.GuideIsWithdrawn,
        rules.NoDraft,
        rules.NeverPublished,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def discard_draft(guide_id: UUID, match: IfMatch, caller: EditorOrPartner, uow: Transaction) -> None:
    """Drop the next edition. The published one stays, and what was decided about its flags is open again."""
    guide = await queries.lock_guide(uow.session, guide_id)
    rules.check_stands(guide)
    draft = await queries.draft_now(uow.session, guide_id)
    writing.check_same(match, guide)
    rules.check_may_discard(guide)
    await uow.remove(draft)
    await flagging.forget_decisions(uow.session, guide_id)
    uow.record("draft discarded", "Guide", guide_id)
    guide.updated_at = clock.now()


@router.get(
    "/{guide_id}/versions",
    response_model=Page[views.GuideEdition],
    responses=documented(rules.GuideNotFound, rules.GuideIsWithdrawn),
)
async def list_versions(
    guide_id: UUID, caller: Anyone, session: Reading, paging: Paging, response: Response
) -> Page[views.GuideEdition]:
    """Every edition that was published, the latest first."""
    rules.check_may_see(caller, await queries.guide(session, guide_id))
    response.headers.update(PUBLIC)
    wanted = queries.editions_of(guide_id)
    key, view = (editions.c.edition,), views.GuideEdition.model_validate
    return await paginate(session, wanted, paging, key=key, view=view, descending=True)


@router.get(
    "/{guide_id}/versions/{edition}",
    response_model=views.GuideView,
    responses=documented(rules.GuideNotFound, rules.GuideEditionNotFound, rules.GuideIsWithdrawn),
)
async def get_version(
    guide_id: UUID, edition: Annotated[int, Path(ge=1, le=2**31 - 1)], caller: Anyone, session: Reading
) -> Response:
    """An edition as it was written. What it cites is shown as it stands today: what was withdrawn is not."""
    guide = await queries.guide(session, guide_id)
    rules.check_may_see(caller, guide)
    return await writing.shown_edition(session, guide, edition, public=guide.state == "published")


def _content(merged: Any) -> GuideContent:
    """Raises RequestValidationError, which points to what the sender wrote."""
    try:
        return GuideContent.model_validate_json(orjson.dumps(merged))
    except ValidationError as wrong:
        errors = [{**error, "loc": ("body", *error["loc"])} for error in wrong.errors()]
        raise RequestValidationError(errors, body=merged) from wrong
