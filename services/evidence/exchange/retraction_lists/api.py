"""Retraction lists over HTTP: send one, follow it, see which rows were rejected."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response, UploadFile
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import Editor, EditorOrPartner
from services.evidence.exchange.file_jobs.uploads import utf8_chunks
from services.evidence.exchange.retraction_lists import commands, queries, rules
from services.evidence.exchange.retraction_lists.tables import RetractionList, retraction_flags, retraction_rejects
from services.evidence.exchange.retraction_lists.views import FlaggedItemView, RejectedRowView, RetractionListView
from services.evidence.library.items.descriptions import Line
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.fetch import fetch
from shared.problems import Invalid, documented
from shared.views import Body

router = create_router("/v1/retractions", "Retraction lists")


class NewRetractionList(Body):
    """A file of notices. An empty `source` is the default, as browsers send what nobody filled in."""

    file: Annotated[UploadFile, Field(description="CSV with the columns of the Retraction Watch data at Crossref.")]
    source: Annotated[Line, Field(description="Who compiled the list: shown beside each notice.")] = "Retraction Watch"


@router.post(
    "",
    status_code=202,
    response_model=RetractionListView,
    responses=documented(rules.EmptyRetractionList, rules.RetractionListTooLarge, Invalid),
)
async def create_retraction_list(
    caller: EditorOrPartner,
    uow: Transaction,
    response: Response,
    new: Annotated[NewRetractionList, Form(media_type="multipart/form-data")],
) -> RetractionListView:
    """Flag works that were retracted, corrected or doubted. The list is read in the background: follow the Location."""
    retraction_list = await commands.submit_retraction_list(
        uow, caller, source=new.source, file_name=new.file.filename or "", content=utf8_chunks(new.file)
    )
    location = f"/v1/retractions/{retraction_list.id}"
    return RetractionListView.of(await flush_and_tag(uow, response, retraction_list, location=location))


@router.get("", response_model=Page[RetractionListView])
async def list_retraction_lists(_caller: EditorOrPartner, session: Reading, paging: Paging) -> Page[RetractionListView]:
    """List every retraction list that was sent, newest first."""
    key = (col(RetractionList.id),)
    return await paginate(session, queries.all_lists(), paging, key=key, view=RetractionListView.of, descending=True)


@router.get("/{list_id}", response_model=RetractionListView, responses=documented(queries.RetractionListNotFound))
async def get_retraction_list(
    list_id: UUID, _caller: EditorOrPartner, session: Reading, response: Response
) -> RetractionListView:
    """Show how much of a list has been read, and what became of its rows."""
    retraction_list = await fetch(session, RetractionList, list_id, missing=queries.RetractionListNotFound)
    set_etag(response, retraction_list)
    return RetractionListView.of(retraction_list)


@router.get(
    "/{list_id}/items",
    response_model=Page[FlaggedItemView],
    responses=documented(queries.RetractionListNotFound),
)
async def list_flagged_items(list_id: UUID, _caller: Editor, session: Reading, paging: Paging) -> Page[FlaggedItemView]:
    """List the items that a list flagged, drafts too, in the order of its rows, each with what it shows now."""
    await fetch(session, RetractionList, list_id, missing=queries.RetractionListNotFound)
    key = (retraction_flags.c.number, retraction_flags.c.item_id)
    return await paginate(session, queries.flagged_items(list_id), paging, key=key, view=FlaggedItemView)


@router.get(
    "/{list_id}/rejects",
    response_model=Page[RejectedRowView],
    responses=documented(queries.RetractionListNotFound),
)
async def list_rejects(
    list_id: UUID, _caller: EditorOrPartner, session: Reading, paging: Paging
) -> Page[RejectedRowView]:
    """List the rows that could not be read, each with its line and the reason."""
    await fetch(session, RetractionList, list_id, missing=queries.RetractionListNotFound)
    key = (retraction_rejects.c.number,)
    return await paginate(session, queries.rejects_of(list_id), paging, key=key, view=RejectedRowView)
