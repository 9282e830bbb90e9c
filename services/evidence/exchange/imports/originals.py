"""What an import had to refuse, as it came: a file of the same format to correct and send again."""

import re
from collections.abc import AsyncIterator
from uuid import UUID

from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.imports import queries, rules
from services.evidence.exchange.imports.formats import FORMATS, Format
from services.evidence.exchange.imports.parts import Part
from services.evidence.exchange.imports.tables import Import
from services.evidence.exchange.readers.records import LONGEST_RECORD, LOOKED_AT
from shared.persistence.database import Database

BYTES = "application/octet-stream"
"""Whatever encoding they came in."""
HEAD = 0
AT_ONCE = 20
"""Records, each up to 1 MB."""
_ELEMENT = re.compile(rb"<(/?)([A-Za-z_][\w.:-]*)[^<>]*(?<!/)>")


async def keep(session: AsyncSession, job: Import, part: Part) -> None:
    """What this part refused, but for records of more than 1 MB. Before the file is forgotten."""
    room = max(0, rules.MOST_ORIGINALS - job.rejected)
    wanted = {
        reject["number"]: place
        for reject, place in zip(part.rejects[:room], part.places, strict=False)
        if place[1] - place[0] <= LONGEST_RECORD
    }
    if not wanted:
        return
    contents = await queries.stretches(session, job.id, list(wanted.values()))
    head = FORMATS[job.format].head(await queries.beginning_of(session, job.id, LOOKED_AT))
    await queries.add_originals(session, job.id, {HEAD: head, **dict(zip(wanted, contents, strict=True))})


async def file(database: Database, session: AsyncSession, job: Import) -> StreamingResponse:
    """All that is kept. Raises NothingKept."""
    kept = await queries.originals_from(session, job.id, HEAD, 1)
    if not kept:
        raise rules.NothingKept(import_id=job.id)
    format = FORMATS[job.format]
    name = f'attachment; filename="rejects-{job.id}.{format.ending}"'
    content = _content(database, job.id, format, kept[0].content)
    return StreamingResponse(content, media_type=BYTES, headers={"Content-Disposition": name})


async def _content(database: Database, import_id: UUID, format: Format, head: bytes) -> AsyncIterator[bytes]:
    before, between, after = (b"[", b",\n", b"]\n") if format.ending == "json" else (head, b"\n", b"")
    yield before
    number, last = HEAD + 1, b"\n"
    while True:
        async with database.session() as session:
            found = await queries.originals_from(session, import_id, number, AT_ONCE)
        for row in found:
            yield row.content if last.endswith(b"\n") else between + row.content
            number, last = row.number + 1, row.content
        if len(found) < AT_ONCE:
            break
    yield after or (_ends(head) if format.ending == "xml" else b"")


def _ends(head: bytes) -> bytes:
    """Of the elements that are open behind it."""
    open_: list[bytes] = []
    for closes, name in _ELEMENT.findall(head):
        if not closes:
            open_.append(name)
        elif open_:
            open_.pop()
    return b"".join(b"</%s>" % name for name in reversed(open_))
