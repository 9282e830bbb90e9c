"""Imports over HTTP: send a file, follow it, see what became of its records."""

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Response, UploadFile
from pydantic import Field
from sqlmodel import col

from services.evidence.callers import EditorOrPartner
from services.evidence.exchange.file_jobs.uploads import utf8_chunks
from services.evidence.exchange.imports import commands, queries, rules
from services.evidence.exchange.imports.records.queries import records_of
from services.evidence.exchange.imports.records.views import ImportRecordView
from services.evidence.exchange.imports.tables import Import
from services.evidence.exchange.imports.views import ImportView
from services.evidence.exchange.readers.rules import UnknownFormat, UnsafeFile, WrongFormat
from services.evidence.library.provenance.tables import RecordOutcome, import_records
from shared import clock
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import set_etag
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, documented
from shared.views import Body

router = create_router("/v1/imports", "Imports")


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
async def list_imports(
    caller: EditorOrPartner,
    session: Reading,
    paging: Paging,
    rejects_waiting: Annotated[
        bool,
        Query(description="Only those of the last 30 days with rejected records that nobody has sent again."),
    ] = False,
) -> Page[ImportView]:
    """List the imports, newest first: every one for editors, for a partner its own."""
    since = clock.now() - rules.ORIGINALS_RETENTION if rejects_waiting else None
    statement = queries.imports_for(caller, rejects_waiting_since=since)
    return await paginate(session, statement, paging, key=(col(Import.id),), view=ImportView.of, descending=True)


@router.get("/{import_id}", response_model=ImportView, responses=documented(queries.ImportNotFound))
async def get_import(import_id: UUID, caller: EditorOrPartner, session: Reading, response: Response) -> ImportView:
    """Show how much of a file has been read, and what became of its records."""
    job = await queries.get_import(session, import_id, caller)
    set_etag(response, job)
    return ImportView.of(job)


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
