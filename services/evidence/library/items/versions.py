"""The editions of an item: what it says, and what it said when somebody cited it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Response
from pydantic import Field

from services.evidence.callers import Anyone, ContributorOrPartner
from services.evidence.library.items import changing, editions, problems, queries, rules, views
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import NotAllowed, PreconditionFailed, PreconditionRequired, documented
from shared.views import View

router = create_router("/v1/evidence", "evidence")


class ItemEdition(View):
    """One edition in the list of them."""

    edition: int
    title: str = Field(description="Empty where the words of this edition were taken back.")
    from_: datetime = Field(serialization_alias="from", description="Since when it stood, or has stood.")
    superseded_at: datetime | None = Field(description="Until when; null for the edition of today.")


class _Past(View):
    current_edition: int
    superseded_at: datetime | None = Field(description="Until when it stood; null for the edition of today.")


class ResearchEdition(_Past, views.ResearchView):
    way_of_knowing: Literal["research"]


class LivedExperienceEdition(_Past, views.LivedExperienceView):
    way_of_knowing: Literal["lived_experience"]


class PracticeKnowledgeEdition(_Past, views.PracticeKnowledgeView):
    way_of_knowing: Literal["practice_knowledge"]


EditionView = Annotated[
    ResearchEdition | LivedExperienceEdition | PracticeKnowledgeEdition, Field(discriminator="way_of_knowing")
]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
NOT_THERE = (problems.ItemNotFound, problems.EditionNotFound, problems.ItemWithdrawn, problems.EditionErased)
MAY = documented(*NOT_THERE, problems.ItemMerged)


@router.get("/{item_id}/versions", response_model=Page[ItemEdition], responses=MAY)
async def list_editions(item_id: UUID, caller: Anyone, session: Reading, paging: Paging) -> Page[ItemEdition]:
    """Every edition since it was published, the latest first. A draft has one."""
    row = await queries.item(session, item_id)
    rules.check_may_see(caller, row)
    paging.response.headers.update(views.cached(row, whole=False))
    found = editions.numbered_editions(item_id)
    key = (found.selected_columns.edition,)
    return await paginate(session, found, paging, key=key, view=_edition, descending=True)


def _edition(row: Any) -> ItemEdition:
    return ItemEdition(edition=row.edition, title=row.title, from_=row.since, superseded_at=row.superseded_at)


@router.get("/{item_id}/versions/{edition}", response_model=EditionView, responses=MAY)
async def get_edition(item_id: UUID, edition: Number, caller: Anyone, session: Reading) -> Response:
    """An item as it stood in one edition. Where a person changed how they are named, that holds here too."""
    found = await queries.edition_of(session, item_id, edition)
    if found is None:
        draft = await queries.item(session, item_id)
        rules.check_may_see(caller, draft)
        if draft.state != "draft" or draft.edition != edition:
            erased = await editions.title_of(session, item_id, edition) == ""
            raise problems.EditionErased if erased else problems.EditionNotFound
        return views.answered(draft, whole=True, current_edition=edition, superseded_at=None)
    past: dict[str, Any] = {"current_edition": found.current_edition, "superseded_at": found.superseded_at}
    return views.answered(found, whole=rules.may_see_all(caller, found), **past)


@router.delete(
    "/{item_id}/versions/{edition}",
    status_code=204,
    responses=documented(
        *NOT_THERE,
        problems.ItemStandsElsewhere,
        problems.EditionStands,
        problems.EditionsOfWorksStay,
        NotAllowed,
        PreconditionFailed,
        PreconditionRequired,
    ),
)
async def erase_edition(
    item_id: UUID, edition: Number, match: IfMatch, caller: ContributorOrPartner, uow: Transaction
) -> None:
    """Take back what an account or practice knowledge said before it was changed: whoever gave it, or an editor.

    Its words are erased. That there was such an edition stays known, so that what cites it can be looked at.
    """
    item = await queries.lock_item(uow.session, item_id)
    rules.check_may_erase(caller, item, edition)
    match.check(item)
    await changing.erase_edition(uow, item, edition)
