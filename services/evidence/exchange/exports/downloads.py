"""The HTTP response of an export."""

from contextlib import aclosing

from fastapi import Response
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from services.evidence.exchange.exports.commands import Export
from services.evidence.exchange.writers.formats import FORMATS, FormatName
from shared import clock


class Download(StreamingResponse):
    """Streams an export, and closes it when the client disconnects rather than when it is garbage-collected."""

    def __init__(self, export: Export, headers: dict[str, str]) -> None:
        super().__init__(export.content(), headers=headers)
        self._export = export

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._export):
            await super().__call__(scope, receive, send)


def response_of(export: Export, format: FormatName) -> Response:
    """Return the download, or 304 if the client has it already."""
    headers = {} if export.etag is None else {"ETag": export.etag}
    if export.left_out is not None:
        headers["Items-Left-Out"] = str(export.left_out)
    if export.not_modified:
        return Response(status_code=304, headers=headers)
    return Download(export, {**headers, **_file_headers(format)})


def _file_headers(format: FormatName) -> dict[str, str]:
    export_format = FORMATS[format]
    file_name = f"evidence-{clock.today():%Y-%m-%d}.{export_format.extension}"
    return {
        "Content-Type": export_format.media_type,
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "X-Content-Type-Options": "nosniff",
    }
