"""Rejected records over HTTP: why each was rejected, how it came, and sending it again."""

from collections.abc import AsyncIterator
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from services.evidence.callers import EditorOrPartner
from services.evidence.exchange.imports.queries import ImportNotFound, get_import
from services.evidence.exchange.imports.rejects import commands, downloads, queries, rules
from services.evidence.exchange.imports.rejects.queries import RejectedRecord
from services.evidence.exchange.imports.rejects.views import OriginalRecordView, RejectedRecordView
from services.evidence.exchange.imports.rules import EmptyFile
from services.evidence.exchange.imports.tables import import_rejects
from services.evidence.exchange.imports.views import ImportView
from services.evidence.exchange.readers.formats import FORMATS
from services.evidence.exchange.readers.rules import UnknownFormat, UnsafeFile, WrongFormat
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, documented
from shared.views import Body

router = create_router("/v1/imports", "Imports")

CSV = "text/csv"
ORIGINAL = "application/octet-stream"
"""The encoding is that of the file that was sent."""
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class RejectCorrection(Body):
    """A rejected record, corrected."""

    file: str = Field(
        min_length=1,
        max_length=1_000_000,
        description="The text of a file that holds this record only, in the format of the import.",
    )


@router.get(
    "/{import_id}/rejects",
    response_model=Page[RejectedRecordView],
    responses={
        **documented(ImportNotFound, queries.OriginalsNotFound),
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
        Query(
            description="`csv`: all in one table. `original`: the records as they came, to correct and send again, "
            "except those that were sent again one by one."
        ),
    ] = None,
) -> Page[RejectedRecordView] | Response:
    """List the records that could not be read, each with its line, the reason, and whether it was sent again.

    With `Accept: text/csv`, as a table. With `format=original`, the response is a file in the format that was sent,
    which holds these records only.
    """
    job = await get_import(session, import_id, caller)
    if format == "original":
        records = await downloads.original_records(request.app.state.database, session, job)
        return _download(records, ORIGINAL, f"rejects-{job.id}.{FORMATS[job.format].extension}")
    if format == "csv" or (format is None and CSV in request.headers.get("accept", "")):
        table = downloads.csv_table(request.app.state.database, import_id)
        return _download(table, f"{CSV}; charset=utf-8", f"rejects-{import_id}.csv")
    key = (import_rejects.c.number,)
    return await paginate(
        session,
        queries.rejects_of(import_id),
        paging,
        key=key,
        view=lambda row: RejectedRecordView.of(RejectedRecord(*row)),
    )


@router.get(
    "/{import_id}/rejects/{number}",
    response_model=OriginalRecordView,
    responses=documented(ImportNotFound, queries.RejectNotFound),
)
async def get_reject(import_id: UUID, number: Number, caller: EditorOrPartner, session: Reading) -> OriginalRecordView:
    """Show a record that could not be read: the reason, its text, and what became of it if it was sent again."""
    job = await get_import(session, import_id, caller)
    reject = await queries.get_reject(session, import_id, number)
    return OriginalRecordView.of_original(reject, await downloads.original_record(session, job, number))


@router.post(
    "/{import_id}/rejects/{number}/correct",
    status_code=202,
    response_model=ImportView,
    responses=documented(
        ImportNotFound,
        queries.RejectNotFound,
        rules.AlreadySentAgain,
        EmptyFile,
        UnknownFormat,
        WrongFormat,
        UnsafeFile,
        Invalid,
    ),
)
async def correct_reject(
    import_id: UUID,
    number: Number,
    correction: RejectCorrection,
    caller: EditorOrPartner,
    uow: Transaction,
    response: Response,
) -> ImportView:
    """Send a rejected record again, corrected: an import of its own, with what was chosen for the file it came in.

    A record is sent again once. If it is rejected again, correct it among the rejects of its new import; if nothing
    could be read of it, or that import was taken back, it may be sent again from here.
    """
    job = await commands.correct_reject(uow, import_id, number, correction.file, caller)
    return ImportView.of(await flush_and_tag(uow, response, job, location=f"/v1/imports/{job.id}"))


def _download(content: AsyncIterator[bytes], media_type: str, file_name: str) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="{file_name}"'}
    return StreamingResponse(content, media_type=media_type, headers=headers)
