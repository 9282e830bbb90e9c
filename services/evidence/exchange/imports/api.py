"""Imports over HTTP: send a file, follow it, see what was refused."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import File, Form, Query, Request, Response, UploadFile
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import EditorOrPartner
from services.evidence.exchange.imports import formats, originals, queries, rejects, rules
from services.evidence.exchange.imports.tables import Import, import_rejects
from services.evidence.exchange.readers.records import ToUtf8
from services.evidence.library.items.queries import unknown_topics
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid, documented
from shared.views import Job, View

router = create_router("/v1/imports", "imports")

CHUNK = 256 * 1024
FormatName = Literal[
    "ris",
    "bibtex",
    "csl-json",
    "csv",
    "pubmed",
    "pubmed-xml",
    "jats",
    "endnote",
    "endnote-xml",
    "web-of-science",
]


class ImportView(Job):
    """A file on its way into the library: `done` of `total` bytes. Always read = created + matched + rejected."""

    format: FormatName
    file_name: str
    publish: bool
    topics: list[UUID]
    read: int = Field(description="Records read so far.")
    created: int = Field(description="New items.")
    matched: int = Field(description="Records of works that the library has already, or that came before in the file.")
    rejected: int = Field(description="Records that could not be taken: see /rejects.")
    published: int = Field(description="Drafts among the matched that this import published.")
    finished_at: datetime | None


class Reject(View):
    """A record that could not be taken."""

    number: int = Field(description="The record's number in the file.")
    line: int = Field(description="The line of the file where it begins.")
    reason: str
    title: str | None
    kept: bool = Field(
        description="Whether `format=original` holds it: for 30 days, the first 10,000 of a file, none above 1 MB."
    )


@router.post(
    "",
    status_code=202,
    response_model=ImportView,
    responses=documented(
        rules.EmptyFile, rules.UnknownFormat, rules.WrongFormat, rules.UnsafeFile, rules.FileTooLarge, Invalid
    ),
)
async def import_file(
    caller: EditorOrPartner,
    uow: Transaction,
    response: Response,
    file: Annotated[UploadFile, File(description="References in any of the formats, in any usual encoding.")],
    topics: Annotated[str, Form(description="Ids of topics, with commas between them.")] = "",
    publish: Annotated[
        bool, Form(description="Publish new items, and drafts that an import brought before; else all stay drafts.")
    ] = False,
    format: Annotated[str, Form(description="Only where the file cannot tell it: one of the formats' names.")] = "",
) -> ImportView:
    """Take a file of references. It is read in the background: follow the Location.

    To publish what came as drafts, send the file again with `publish`.
    """
    wanted = _topic_ids(topics)
    if unknown := await unknown_topics(uow.session, wanted):
        raise Invalid(errors=[FieldError(pointer="/topics", detail=f"There is no topic {wanted[n]}.") for n in unknown])
    parts = _as_utf8(file)
    beginning = await anext(parts, b"")
    if not beginning.strip():
        raise rules.EmptyFile
    job = Import(
        format=formats.of_file(beginning, format).name,
        importer_id=caller.id,
        importer_kind="client" if caller.kind == "client" else "person",
        topics=wanted,
        publish=publish,
        file_name=(file.filename or "")[: rules.LONGEST_NAME],
    )
    uow.save(job)
    await uow.session.flush()
    job.total = await _keep(uow, job.id, beginning, parts)
    await uow.session.flush()
    response.headers["Location"] = f"/v1/imports/{job.id}"
    set_etag(response, job)
    return _view(job)


@router.get("", response_model=Page[ImportView])
async def list_imports(caller: EditorOrPartner, session: Reading, paging: Paging) -> Page[ImportView]:
    """Every import, the newest first."""
    return await paginate(session, queries.all_imports(), paging, key=(col(Import.id),), view=_view, descending=True)


@router.get("/{import_id}", response_model=ImportView, responses=documented(rules.ImportNotFound))
async def get_import(import_id: UUID, caller: EditorOrPartner, session: Reading, response: Response) -> ImportView:
    """How far an import is, and what became of its records."""
    job = await queries.import_of(session, import_id)
    set_etag(response, job)
    return _view(job)


@router.get(
    "/{import_id}/rejects",
    response_model=Page[Reject],
    responses={
        **documented(rules.ImportNotFound, rules.NothingKept),
        200: {"content": {rejects.CSV: {}, originals.BYTES: {}}},
    },
)
async def list_rejects(
    import_id: UUID,
    caller: EditorOrPartner,
    request: Request,
    session: Reading,
    paging: Paging,
    format: Annotated[
        Literal["json", "csv", "original"] | None,
        Query(description="`csv`: all in a table. `original`: the records as they came, to correct and send again."),
    ] = None,
) -> Page[Reject] | Response:
    """The records that could not be taken, each with its place and the reason. As a table with `Accept: text/csv`.

    With `format=original` a file in the format that was sent, with these records alone.
    """
    job = await queries.import_of(session, import_id)
    if format == "original":
        return await originals.file(request.app.state.database, session, job)
    if format == "csv" or (format is None and rejects.CSV in request.headers.get("accept", "")):
        return rejects.table(request.app.state.database, import_id)
    return await paginate(session, queries.rejects_of(import_id), paging, key=(import_rejects.c.number,), view=Reject)


async def _as_utf8(file: UploadFile) -> AsyncIterator[bytes]:
    """The file a part at a time, the first of them large enough to tell the format by."""
    wide = ToUtf8()
    while content := await file.read(CHUNK):
        if part := wide.feed(content):
            yield part
    if rest := wide.feed(b"", last=True):
        yield rest


async def _keep(uow: UnitOfWork, import_id: UUID, beginning: bytes, parts: AsyncIterator[bytes]) -> int:
    """The file into the database. Returns how many bytes. Raises FileTooLarge."""
    await queries.keep_chunk(uow.session, import_id, 0, beginning)
    kept = len(beginning)
    async for part in parts:
        await queries.keep_chunk(uow.session, import_id, kept, part)
        kept += len(part)
        if kept > rules.LARGEST_FILE:
            raise rules.FileTooLarge
    return kept


def _topic_ids(text: str) -> list[UUID]:
    try:
        wanted = list(dict.fromkeys(UUID(part.strip()) for part in text.split(",") if part.strip()))
    except ValueError as error:
        detail = "These must be ids of topics, with commas between them. The list is at /v1/topics."
        raise Invalid(errors=[FieldError(pointer="/topics", detail=detail)]) from error
    if len(wanted) > rules.MOST_TOPICS:
        detail = f"An item is filed under at most {rules.MOST_TOPICS} topics. Name those that fit all of the file."
        raise Invalid(errors=[FieldError(pointer="/topics", detail=detail)])
    return wanted


def _view(job: Import) -> ImportView:
    return ImportView.model_validate({**job.model_dump(), "problems": rules.problems(job.problem, job.strays)})
