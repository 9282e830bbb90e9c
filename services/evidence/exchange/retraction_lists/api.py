"""Lists of retractions over HTTP: send one, follow it, see what was refused."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import File, Form, Response, UploadFile
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import EditorOrPartner
from services.evidence.exchange.readers.records import ToUtf8
from services.evidence.exchange.retraction_lists import queries, rules
from services.evidence.exchange.retraction_lists.tables import RetractionList, retraction_rejects
from services.evidence.library.items.descriptions import Line
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import Invalid, documented
from shared.views import Job, View

router = create_router("/v1/retractions", "retractions")

CHUNK = 256 * 1024


class RetractionListView(Job):
    """A list on its way: `done` of `total` bytes. Always listed = flagged + already + not_held + rejected."""

    source: str
    file_name: str
    listed: int = Field(description="Rows read so far.")
    flagged: int = Field(description="Notices that an item of the library shows since.")
    already: int = Field(description="Notices of items that showed this before, or something graver or later.")
    not_held: int = Field(
        description="Notices of works that the library does not show. They are kept: should one come, it is flagged."
    )
    rejected: int = Field(description="Rows that could not be taken: see /rejects.")
    finished_at: datetime | None


class RejectedRow(View):
    """A row that could not be taken."""

    number: int = Field(description="The row's number in the file, without the column names.")
    line: int = Field(description="The line of the file where it begins.")
    reason: str


@router.post(
    "",
    status_code=202,
    response_model=RetractionListView,
    responses=documented(rules.EmptyList, rules.ListTooLarge, Invalid),
)
async def send_retractions(
    caller: EditorOrPartner,
    uow: Transaction,
    response: Response,
    file: Annotated[UploadFile, File(description="CSV with the columns of the Retraction Watch data at Crossref.")],
    source: Annotated[Line, Form(description="Who compiled the list: shown beside each notice.")] = "Retraction Watch",
) -> RetractionListView:
    """Flag what was taken back, corrected or doubted. The list is read in the background: follow the Location."""
    listed = RetractionList(
        source=source,
        file_name=(file.filename or "")[: rules.LONGEST_NAME],
        sender_id=caller.id,
        sender_kind="client" if caller.kind == "client" else "person",
    )
    uow.save(listed)
    await uow.session.flush()
    listed.total = await _keep_content(uow, listed.id, file)
    if listed.total == 0:
        raise rules.EmptyList
    await uow.session.flush()
    response.headers["Location"] = f"/v1/retractions/{listed.id}"
    set_etag(response, listed)
    return _view(listed)


@router.get("", response_model=Page[RetractionListView])
async def list_retractions(caller: EditorOrPartner, session: Reading, paging: Paging) -> Page[RetractionListView]:
    """Every list that was sent, the newest first."""
    key = (col(RetractionList.id),)
    return await paginate(session, queries.all_lists(), paging, key=key, view=_view, descending=True)


@router.get("/{list_id}", response_model=RetractionListView, responses=documented(rules.ListNotFound))
async def get_retractions(
    list_id: UUID, caller: EditorOrPartner, session: Reading, response: Response
) -> RetractionListView:
    """How far a list is, and what became of its rows."""
    listed = await queries.list_of(session, list_id)
    set_etag(response, listed)
    return _view(listed)


@router.get("/{list_id}/rejects", response_model=Page[RejectedRow], responses=documented(rules.ListNotFound))
async def list_rejected_rows(
    list_id: UUID, caller: EditorOrPartner, session: Reading, paging: Paging
) -> Page[RejectedRow]:
    """The rows that could not be taken, each with its place and the reason."""
    await queries.list_of(session, list_id)
    key = (retraction_rejects.c.number,)
    return await paginate(session, queries.rejects_of(list_id), paging, key=key, view=RejectedRow)


async def _keep_content(uow: UnitOfWork, list_id: UUID, file: UploadFile) -> int:
    """The file into the database, a part at a time. Returns how many bytes. Raises ListTooLarge."""
    kept = 0
    wide, lines = ToUtf8(), rules.OneLineEnd()
    while content := await file.read(CHUNK):
        kept += await _keep(uow, list_id, kept, lines.feed(wide.feed(content)))
        if kept > rules.LARGEST_FILE:
            raise rules.ListTooLarge
    return kept + await _keep(uow, list_id, kept, lines.feed(wide.feed(b"", last=True)) + lines.finish())


async def _keep(uow: UnitOfWork, list_id: UUID, begin: int, content: bytes) -> int:
    if content:
        await queries.keep_chunk(uow.session, list_id, begin, content)
    return len(content)


def _view(listed: RetractionList) -> RetractionListView:
    return RetractionListView.model_validate(
        {**listed.model_dump(), "problems": [listed.problem] if listed.problem else []}
    )
