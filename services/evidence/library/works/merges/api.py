"""Merges over HTTP: let one item stand for others, see what it received, undo it."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.callers import Editor
from services.evidence.library.items.problems import AlreadyHeld
from services.evidence.library.works.merges import merging, problems, queries, rules
from services.evidence.library.works.merges.tables import Merge
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, documented
from shared.views import Body, View

router = create_router("/v1/merges", "merges")


class MergeWanted(Body):
    """One work that the library has more than once."""

    items: list[UUID] = Field(min_length=1, max_length=rules.MOST_ITEMS, description="What is to go into the other.")
    into: UUID = Field(description="The item that is to stand for all of them.")


class MergedItem(View):
    """An item that stands in another one, and what it was before."""

    item_id: UUID
    state: Literal["draft", "published"]


class MergeView(View):
    """One item stands for others: what it received of each, and whether that was undone."""

    id: UUID
    state: Literal["standing", "undone"]
    into: UUID
    items: list[MergedItem]
    changes: list[rules.FieldChange] = Field(description="What the surviving item received, field by field.")
    created_at: datetime
    undone_at: datetime | None
    problems: list[str] = Field(
        description="After an undo: what could not be put back, since it was changed meanwhile."
    )


@router.post(
    "",
    status_code=201,
    response_model=MergeView,
    responses=documented(
        Invalid,
        problems.ItemMissing,
        problems.OnlyResearchIsMerged,
        problems.SurvivorGone,
        problems.SurvivorStandsElsewhere,
        problems.AlreadyMerged,
        problems.ItemGone,
        problems.PublishedIntoDraft,
        AlreadyHeld,
    ),
)
async def merge_items(wanted: MergeWanted, caller: Editor, uow: Transaction, response: Response) -> MergeView:
    """Let one item stand for others that are the same work. It keeps what each knew, and the others lead to it."""
    if wanted.into in wanted.items:
        raise Invalid("An item cannot go into itself. Leave it out of `items`.")
    merged = await merging.merge(uow, wanted.into, wanted.items)
    await uow.session.flush()
    response.headers["Location"] = f"/v1/merges/{merged.id}"
    set_etag(response, merged)
    return (await views(uow.session, [merged]))[0]


@router.post(
    "/{merge_id}/undo",
    response_model=MergeView,
    responses=documented(problems.MergeNotFound, problems.LaterMergeStands, problems.IdentifierTaken, AlreadyHeld),
)
async def undo_merge(merge_id: UUID, caller: Editor, uow: Transaction, response: Response) -> MergeView:
    """Put every item back as it was. What was changed on the surviving item meanwhile stays, and is told."""
    merged = await merging.undo(uow, merge_id)
    await uow.session.flush()
    set_etag(response, merged)
    return (await views(uow.session, [merged]))[0]


@router.get("", response_model=Page[MergeView])
async def list_merges(
    caller: Editor,
    session: Reading,
    paging: Paging,
    into: Annotated[UUID | None, Query(description="Only those into this item.")] = None,
) -> Page[MergeView]:
    """Every merge, the newest first; undone ones too."""
    key = (col(Merge.id),)
    page = await paginate(session, queries.merges(into), paging, key=key, view=_itself, descending=True)
    return Page(items=await views(session, page.items), next=page.next, total=page.total)


@router.get("/{merge_id}", response_model=MergeView, responses=documented(problems.MergeNotFound))
async def get_merge(merge_id: UUID, caller: Editor, session: Reading, response: Response) -> MergeView:
    """One merge, and what the surviving item received."""
    merged = await queries.merge_of(session, merge_id)
    set_etag(response, merged)
    return (await views(session, [merged]))[0]


def _itself(merged: Merge) -> Merge:
    return merged


async def views(session: AsyncSession, merges: list[Merge]) -> list[MergeView]:
    """Each with the items that it absorbed."""
    absorbed: dict[UUID, list[MergedItem]] = {}
    for row in await queries.absorbed_by(session, [merged.id for merged in merges]):
        absorbed.setdefault(row.merge_id, []).append(MergedItem.model_validate(row))
    return [
        MergeView(
            id=merged.id,
            state="undone" if merged.state == "undone" else "standing",
            into=merged.into_id,
            items=absorbed.get(merged.id, []),
            changes=[rules.FieldChange.model_validate(change) for change in merged.changes],
            created_at=merged.created_at,
            undone_at=merged.undone_at,
            problems=rules.told(merged.kept),
        )
        for merged in merges
    ]
