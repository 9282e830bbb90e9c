"""Forms with a file: the file waits on disk, never whole in memory, until the API has it."""

import errno
import hashlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from gateway.web.api_client import CHUNK_BYTES, ApiRefusal, Document, PublicApi
from gateway.web.forms import Form, form_of
from gateway.web.idempotency_keys import idempotency_key
from gateway.web.layout.languages import text, translate
from shared.problems import BadRequest

FILE: Final = "file"
MAX_FIELDS: Final = 400
MAX_FIELD_BYTES: Final = 4 * 1024
MEGABYTE: Final = 1024 * 1024
OVERHEAD_BYTES: Final = 256 * 1024
"""Of a form: its fields and what stands between them."""
MISSING: Final = text("Choose a file")
DISK_FULL: Final = text("There is no room for this file at the moment. Nothing was saved. Try again in an hour.")


class FormNotUnderstood(BadRequest):
    title = "This form cannot be read"
    detail = "Its file did not arrive as browsers send one. Open the page again and choose the file there."


class _TooLarge(MultiPartException):
    pass


@dataclass(frozen=True, slots=True)
class FileForm:
    """A form, and the file that came with it: None where the form has an error at it."""

    form: Form
    file: UploadFile | None

    async def idempotency_key(self) -> str:
        """Return the key of this change: the same for the same file and fields of the same form."""
        digest = hashlib.sha256()
        if self.file is not None:
            await self.file.seek(0)
            while chunk := await self.file.read(CHUNK_BYTES):
                digest.update(chunk)
        fields = {name: value for name, value in self.form.values.items() if name != "key"}
        return idempotency_key(self.form, [fields, self.file and self.file.filename, digest.hexdigest()])


@asynccontextmanager
async def submitted_file(request: Request, *, max_bytes: int, too_large: str) -> AsyncGenerator[FileForm]:
    """Open a form with its file, and note an error at the file where it is missing, or larger than `max_bytes`.

    What is too large is received to its end and dropped, since a browser reads no response before. Fields are read
    that stand before the file. Raises FormNotUnderstood, UnreadableText.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise FormNotUnderstood
    stream = request.stream()
    parser = MultiPartParser(
        request.headers,
        _limited(stream, max_bytes + OVERHEAD_BYTES),
        max_files=1,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_BYTES,
    )
    data, reason = FormData(), ""
    try:
        data = await parser.parse()
    except _TooLarge:
        reason = too_large
    except MultiPartException as error:
        raise FormNotUnderstood from error
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        reason = DISK_FULL
    if reason:
        data = FormData([item for item in parser.items if isinstance(item[1], str)])
        async for _ in stream:
            pass
    try:
        yield _file_form(form_of(request, data), data.get(FILE), reason or MISSING)
    finally:
        await data.close()


def _file_form(form: Form, file: UploadFile | str | None, error: str) -> FileForm:
    form.values.pop(FILE, None)
    if not isinstance(file, UploadFile) or not (file.filename or file.size):
        file = None
    if file is None:
        form.errors[FILE] = translate(form.language, error)
    else:
        file.filename = _name_of(file.filename or "")
    return FileForm(form, file)


async def send_file_of(api: PublicApi, path: str, sent: FileForm, fields: Mapping[str, str]) -> Document | None:
    """Send the file on, and return what the API answers; None where the form has errors, of the API too.

    What it refuses of the request as a whole, such as one that is too large, is an error at the file.
    """
    form = sent.form
    if sent.file is None or form.errors:
        return None
    try:
        return (await api.send_file(path, fields, sent.file, idempotency_key=await sent.idempotency_key())).document
    except ApiRefusal as error:
        if error.status not in (409, 413, 422):
            raise
        form.values.setdefault(FILE, None)
        form.add_refusal(error)
        if "" in form.errors:
            form.errors.setdefault(FILE, form.errors.pop(""))
        return None


async def _limited(stream: AsyncGenerator[bytes], max_bytes: int) -> AsyncGenerator[bytes]:
    received_bytes = 0
    async for chunk in stream:
        received_bytes += len(chunk)
        if received_bytes > max_bytes:
            raise _TooLarge("")
        yield chunk


def _name_of(name: str) -> str:
    """Return the name of a file as it is on its computer, of what browsers send (HTML, section 4.10.22.8)."""
    return name.replace("%22", '"').replace("%0D", " ").replace("%0A", " ").replace("\0", "")
