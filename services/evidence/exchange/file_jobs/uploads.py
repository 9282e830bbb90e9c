"""Uploaded files, chunk by chunk, in UTF-8."""

from collections.abc import AsyncIterator

from fastapi import UploadFile

from services.evidence.exchange.readers.encodings import Utf8Transcoder

CHUNK_BYTES = 256 * 1024


async def utf8_chunks(file: UploadFile) -> AsyncIterator[bytes]:
    """Yield the file in chunks that are never empty. UTF-16 and UTF-32 become UTF-8; other encodings stay as they are.

    The first chunk is as long as a reader needs to recognise the format.
    """
    decoder = Utf8Transcoder()
    while content := await file.read(CHUNK_BYTES):
        if chunk := decoder.feed(content):
            yield chunk
    if rest := decoder.feed(b"", last=True):
        yield rest
