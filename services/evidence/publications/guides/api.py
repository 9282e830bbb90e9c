"""Guides over HTTP: read them, and change what is published."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Query, Response
from pydantic import Field

from services.evidence.callers import Anyone, Editor, is_editor_or_partner
from services.evidence.library.place_filters import PlaceFilter
from services.evidence.library.renditions.queries import GuideNotFound
from services.evidence.library.renditions.rules import GuideIsWithdrawn
from services.evidence.library.topics.queries import TopicNotFound
from services.evidence.publications.guides import commands, queries, views
from services.evidence.publications.guides.editions.queries import (
    GuideEditionNotFound,
    list_editions,
    load_current_edition,
    load_visible_edition,
)
from services.evidence.publications.guides.presenter import respond, respond_to_reader
from services.evidence.publications.guides.queries import ListedStatus
from services.evidence.publications.guides.rules import NotPublished
from services.evidence.publications.guides.tables import editions
from shared import clock
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.caching import NO_STORE, PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, InvalidCursor, NotAllowed, SignInNeeded, documented
from shared.views import Body, Day

router = create_router("/v1/guides", "Guides")


class GuideConfirmation(Body):
    """The confirmation that the whole guide still holds."""

    review_on: Day = Field(description="The day by which it is reviewed again.")


@router.get(
    "",
    response_model=views.GuidePage,
    responses=documented(SignInNeeded, NotAllowed, InvalidCursor, TopicNotFound),
)
async def list_guides(
    caller: Anyone,
    session: Reading,
    paging: Paging,
    response: Response,
    place: PlaceFilter,
    topic: Annotated[UUID | None, Query(description="Guides on this topic, and on those below it.")] = None,
    way_of_knowing: Annotated[WayOfKnowing | None, Query(description="Guides that cite evidence of this kind.")] = None,
    cites: Annotated[UUID | None, Query(description="Guides that cite this item, or one merged into it.")] = None,
    status: Annotated[ListedStatus, Query(description="For editors: `draft`, `review` or `withdrawn`.")] = "published",
    due: Annotated[bool, Query(description="For editors: published guides whose day of review has come.")] = False,
    mine: Annotated[bool, Query(description="For editors: only those that you own.")] = False,
) -> views.GuidePage:
    """List published guides, the newest first; or, for editors, those of another status or that are due.

    `country` and `setting` choose by the items that the published edition cites.
    """
    is_public = status == "published" and not (due or mine)
    if not is_public and not is_editor_or_partner(caller):
        raise SignInNeeded if caller.anonymous else NotAllowed
    statement = await queries.select_guides(
        session,
        status=status,
        topic=topic,
        way_of_knowing=way_of_knowing,
        cites=cites,
        due=clock.today() if due else None,
        owner=caller.id if mine else None,
    )
    (PUBLIC_REVALIDATED if is_public else NO_STORE).set_on(response)
    key, descending = queries.order_guides(status, by_review=due)
    view = views.GuideSummary.model_validate
    narrowed = queries.BY_CITED_PLACE.narrow(statement, place)
    page = await paginate(session, narrowed, paging, key=key, view=view, descending=descending)
    unplaced = {} if paging.cursor else await queries.BY_CITED_PLACE.count_unplaced(session, statement, place)
    return views.GuidePage.model_validate({**dict(page), **unplaced})


@router.get("/{guide_id}", response_model=views.GuideView, responses=documented(GuideNotFound, GuideIsWithdrawn))
async def get_guide(guide_id: UUID, caller: Anyone, session: Reading) -> Response:
    """Return the published edition; before the first one, its draft for editors. A withdrawn guide gives 410."""
    return respond_to_reader(await load_current_edition(session, guide_id, caller), caller)


@router.get(
    "/{guide_id}/versions",
    response_model=Page[views.GuideEditionSummary],
    responses=documented(GuideNotFound, GuideIsWithdrawn),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def list_guide_editions(
    guide_id: UUID, caller: Anyone, session: Reading, paging: Paging
) -> Page[views.GuideEditionSummary]:
    """List the published editions, the latest first."""
    await queries.get_readable_guide(session, guide_id, caller)
    key, view = (editions.c.edition,), views.GuideEditionSummary.model_validate
    return await paginate(session, list_editions(guide_id), paging, key=key, view=view, descending=True)


@router.get(
    "/{guide_id}/versions/{edition}",
    response_model=views.GuideView,
    responses=documented(GuideNotFound, GuideEditionNotFound, GuideIsWithdrawn),
)
async def get_guide_edition(
    guide_id: UUID, edition: Annotated[int, Path(ge=1, le=2**31 - 1)], caller: Anyone, session: Reading
) -> Response:
    """Return an edition as it was written, with its cited items as they are today: of withdrawn ones, a tombstone."""
    return respond_to_reader(await load_visible_edition(session, guide_id, edition, caller), caller)


@router.post(
    "/{guide_id}/confirm",
    response_model=views.GuideView,
    responses=documented(GuideNotFound, GuideIsWithdrawn, NotPublished, Invalid),
)
async def confirm_guide(guide_id: UUID, confirmation: GuideConfirmation, _caller: Editor, uow: Transaction) -> Response:
    """Confirm that the published edition still holds, and set the day of its next review."""
    return respond(await commands.confirm_guide(uow, guide_id, confirmation.review_on))


@router.post(
    "/{guide_id}/take-over",
    response_model=views.GuideView,
    responses=documented(GuideNotFound, GuideIsWithdrawn, NotPublished),
)
async def take_over_guide(guide_id: UUID, caller: Editor, uow: Transaction) -> Response:
    """Become the owner of the guide: its flags are listed as yours."""
    return respond(await commands.take_over_guide(uow, guide_id, caller))


@router.post(
    "/{guide_id}/withdraw",
    response_model=views.GuideWithdrawal,
    responses=documented(GuideNotFound, GuideIsWithdrawn),
)
async def withdraw_guide(guide_id: UUID, _caller: Editor, uow: Transaction) -> views.GuideWithdrawal:
    """Withdraw the guide for good, with all its editions."""
    return views.GuideWithdrawal.model_validate(await commands.withdraw_guide(uow, guide_id))
