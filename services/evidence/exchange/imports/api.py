"""Imports over HTTP: send a file, follow it, see which records were rejected."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Form, Path, Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import EditorOrPartner
from services.evidence.exchange.file_jobs.uploads import utf8_chunks
from services.evidence.exchange.imports import commands, queries, reject_files, rules
from services.evidence.exchange.imports.records.queries import records_of
from services.evidence.exchange.imports.records.views import ImportRecordView
from services.evidence.exchange.imports.tables import Import, import_rejects
from services.evidence.exchange.imports.views import ImportView, OriginalRecordView, RejectedRecordView
from services.evidence.exchange.readers.formats import FORMATS
from services.evidence.exchange.readers.rules import UnknownFormat, UnsafeFile, WrongFormat
from services.evidence.library.provenance.tables import RecordOutcome, import_records
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, documented
from shared.views import Body

router = create_router("/v1/imports", "Imports")

CSV = "text/csv"
ORIGINAL = "application/octet-stream"
"""The encoding is that of the file that was sent."""


class NewImport(Body):
    """A file of references, and what to do with them. An empty field is its default."""

    file: Annotated[UploadFile, Field(description="References in one of the formats, in any common encoding.")]
    topics: Annotated[str, Field(description="Ids of topics, separated by commas.")] = ""
    publish: Annotated[
        bool, Field(description="Publish new items, and drafts from earlier imports; otherwise all stay drafts.")
    ] = False
    format: Annotated[str, Field(description="The name of the format, if the content does not show it.")] = ""


@router.post(
    "",
    status_code=202,
    response_model=ImportView,
    responses=documented(rules.EmptyFile, UnknownFormat, WrongFormat, UnsafeFile, rules.FileTooLarge, Invalid),
)
async def create_import(
    caller: EditorOrPartner,
    uow: Transaction,
    response: Response,
    new: Annotated[NewImport, Form(media_type="multipart/form-data")],
) -> ImportView:
    """Import a file of references. It is read in the background: follow the Location.

    To publish what came as drafts, send the file again with `publish`.
    """
    job = await commands.submit_import(
        uow,
        caller,
        content=utf8_chunks(new.file),
        file_name=new.file.filename or "",
        format_name=new.format,
        topics=rules.parse_topic_ids(new.topics),
        publish=new.publish,
    )
    return ImportView.of(await flush_and_tag(uow, response, job, location=f"/v1/imports/{job.id}"))


@router.get("", response_model=Page[ImportView])
async def list_imports(caller: EditorOrPartner, session: Reading, paging: Paging) -> Page[ImportView]:
    """List the imports, newest first: every one for editors, for a partner its own."""
    key = (col(Import.id),)
    return await paginate(session, queries.imports_for(caller), paging, key=key, view=ImportView.of, descending=True)


@router.get("/{import_id}", response_model=ImportView, responses=documented(queries.ImportNotFound))
async def get_import(import_id: UUID, caller: EditorOrPartner, session: Reading, response: Response) -> ImportView:
    """Show how much of a file has been read, and what became of its records."""
    job = await queries.get_import(session, import_id, caller)
    set_etag(response, job)
    return ImportView.of(job)


@router.get(
    "/{import_id}/rejects",
    response_model=Page[RejectedRecordView],
    responses={
        **documented(queries.ImportNotFound, queries.OriginalsNotFound),
        200: {"content": {CSV: {}, ORIGINAL: {}}},
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
        Query(description="`csv`: all in one table. `original`: the records as they came, to correct and send again."),
    ] = None,
) -> Page[RejectedRecordView] | Response:
    """List the records that could not be read, each with its line and the reason. With `Accept: text/csv`, as a table.

    With `format=original`, the response is a file in the format that was sent, which holds these records only.
    """
    job = await queries.get_import(session, import_id, caller)
    if format == "original":
        records = await reject_files.original_records(request.app.state.database, session, job)
        return _download(records, ORIGINAL, f"rejects-{job.id}.{FORMATS[job.format].extension}")
    if format == "csv" or (format is None and CSV in request.headers.get("accept", "")):
        table = reject_files.csv_table(request.app.state.database, import_id)
        return _download(table, f"{CSV}; charset=utf-8", f"rejects-{import_id}.csv")
    key = (import_rejects.c.number,)
    return await paginate(session, queries.rejects_of(import_id), paging, key=key, view=RejectedRecordView)


@router.get(
    "/{import_id}/rejects/{number}",
    response_model=OriginalRecordView,
    responses=documented(queries.ImportNotFound, queries.RejectNotFound),
)
async def get_reject(
    import_id: UUID, number: Annotated[int, Path(ge=1, le=2**31 - 1)], caller: EditorOrPartner, session: Reading
) -> OriginalRecordView:
    """Show a record that could not be read: the reason, and its text, to correct it and send it as a file again."""
    job = await queries.get_import(session, import_id, caller)
    reject = await queries.get_reject(session, import_id, number)
    return OriginalRecordView(**reject._asdict(), original=await reject_files.original_record(session, job, number))


@router.get("/{import_id}/records", response_model=Page[ImportRecordView], responses=documented(queries.ImportNotFound))
async def list_records(
    import_id: UUID,
    caller: EditorOrPartner,
    session: Reading,
    paging: Paging,
    outcome: Annotated[RecordOutcome | None, Query(description="Only records of which this became.")] = None,
) -> Page[ImportRecordView]:
    """List what became of each record of the file, in its order, and what it gave an item that was there before."""
    await queries.get_import(session, import_id, caller)
    statement = records_of(import_id, [] if outcome is None else [outcome])
    return await paginate(session, statement, paging, key=(import_records.c.number,), view=ImportRecordView)


def _download(content: AsyncIterator[bytes], media_type: str, file_name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return StreamingResponse(content, media_type=media_type, headers=headers)
