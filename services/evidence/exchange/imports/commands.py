"""Submit an import, store what was read from its file, and end it."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.additions.commands import Additions, add_works
from services.evidence.exchange.additions.rules import REPEATS, NewWork, published_event
from services.evidence.exchange.file_jobs import commands as file_jobs
from services.evidence.exchange.file_jobs.queries import RejectRow, beginning_of, insert_rejects, ranges_of
from services.evidence.exchange.file_jobs.rules import MAX_FILE_NAME_CHARACTERS
from services.evidence.exchange.imports import queries, rules
from services.evidence.exchange.imports.matches.commands import MatchedRecord, RecordSource, enrich_items
from services.evidence.exchange.imports.part_reader import ImportPart
from services.evidence.exchange.imports.records.queries import RecordRow, insert_records
from services.evidence.exchange.imports.tables import (
    HEAD_NUMBER,
    IMPORT_FILES,
    Import,
    import_chunks,
    import_rejects,
)
from services.evidence.exchange.imports.work_parser import ParsedWork
from services.evidence.exchange.readers import formats
from services.evidence.exchange.readers.formats import FORMATS
from services.evidence.exchange.readers.records import MAX_RECORD_BYTES, MAX_SNIFFED_BYTES
from services.evidence.library.items.words.commands import find_taken_back_works
from services.evidence.library.items.words.queries import has_known_texts
from services.evidence.library.items.words.rules import compared_texts_of
from services.evidence.library.provenance.tables import RecordOutcome, Withheld
from services.evidence.library.topics.queries import unknown_topics
from shared import clock
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork


async def submit_import(
    uow: UnitOfWork,
    caller: Caller,
    *,
    content: AsyncIterator[bytes],
    file_name: str,
    format_name: str,
    topics: list[UUID],
    publish: bool,
) -> Import:
    """Store the file for the worker. `format_name` may be empty if the content shows the format.

    Raises Invalid for unknown topics, EmptyFile, FileTooLarge, and the refusals of `formats.detect_format`.
    """
    rules.check_topics(topics, await unknown_topics(uow.session, topics))
    beginning = await anext(content, b"")
    if not beginning.strip():
        raise rules.EmptyFile
    job = Import(
        format=formats.detect_format(beginning, format_name).name,
        submitter_id=caller.id,
        submitter_kind="client" if caller.kind == "client" else "person",
        topics=topics,
        publish=publish,
        file_name=file_name[:MAX_FILE_NAME_CHARACTERS],
    )
    chunks = _prepended(beginning, content)
    await file_jobs.store_file(
        uow, IMPORT_FILES, job, chunks, max_bytes=rules.MAX_FILE_BYTES, too_large=rules.FileTooLarge
    )
    return job


async def store_part(uow: UnitOfWork, job: Import, part: ImportPart) -> None:
    """Add the works of a part to the library and what it knows of others, and store what it had to reject."""
    works = await _new_works(uow.session, part.works)
    additions = await add_works(uow, works, contributor_id=job.submitter_id, topics=job.topics, publish=job.publish)
    records = [MatchedRecord(part.work_places[match.position][0], match) for match in additions.matches]
    enrichments = await enrich_items(uow, RecordSource("import", job.id, job.submitter), records)
    if job.publish and additions.matched:
        matched_ids = {match.item_id for match in additions.matches} - {item.id for item in additions.created}
        job.published += await publish_drafts(uow, job, matched_ids)
    refused = [_refusal(job, *part.work_places[position]) for position in sorted(additions.refused)]
    await insert_rejects(uow.session, import_rejects, [*part.rejects, *refused])
    await insert_records(uow.session, _records(job, part, additions))
    await _store_originals(uow.session, job, part)
    if additions.created:
        uow.record("imported", "Import", job.id, after={"items": [item.id for item in additions.created]})
    job.read += part.size
    job.created += len(additions.created)
    job.matched += additions.matched
    job.enriched += enrichments.enriched
    job.conflicts += enrichments.conflicts
    job.rejected += len(part.rejects) + len(refused)
    job.unparsed_lines += part.unparsed_lines
    job.unclear_names += part.unclear_names
    job.surnames_first, job.given_names_first = part.signs.surname_first, part.signs.given_first
    job.names_without_comma = part.signs.without_comma
    file_jobs.advance(job, bytes_read=part.end, next_line=part.next_line)
    if part.is_last:
        await finish(uow, job, None if job.read else rules.NO_RECORD)


async def publish_drafts(uow: UnitOfWork, job: Import, item_ids: Collection[UUID]) -> int:
    """Publish the drafts among these items that imports brought, as an editor would. Returns how many.

    A client publishes only what it brought itself. What somebody wrote here by hand waits for an editor to read it, and
    words that a person took back stay unpublished.
    """
    now = clock.now()
    item_ids = set(item_ids) - await _drafts_taken_back(uow, item_ids)
    if job.submitter_kind == "client":
        published = await queries.publish_drafts_of_client(uow.session, item_ids, now, job.submitter_id)
    else:
        published = await queries.publish_drafts_of_people(uow.session, item_ids, now)
    topics = await queries.publish_filings(uow.session, [draft.id for draft in published], now)
    for draft in published:
        event = published_event(draft.id, draft.way_of_knowing, topics.get(draft.id, []), draft.notice)
        uow.publish(event, sequence=draft.version)
        after = {"status": "published", "published_at": now}
        uow.record("changed", "Item", draft.id, before={"status": "draft"}, after=after)
    return len(published)


async def _drafts_taken_back(uow: UnitOfWork, item_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these drafts that hold words which a person gave here and took back."""
    if not await has_known_texts(uow.session):
        return set()
    drafts = await queries.draft_texts(uow.session, item_ids)
    return await find_taken_back_works(
        uow,
        {draft.id: compared_texts_of(draft.title, draft.summary, draft.setting, draft.details) for draft in drafts},
        {draft.id: draft.contributor_id for draft in drafts},
    )


async def finish(uow: UnitOfWork, job: Import, problem: str | None) -> None:
    """End the import, and delete the original records of all imports whose retention has ended.

    A rejected record that was sent again as this import waits once more where nothing could be read of it.
    """
    finished_at = await file_jobs.finish(uow, IMPORT_FILES, job, problem)
    if not job.read:
        await queries.release_reject(uow.session, job.id)
    await queries.delete_originals(uow.session, finished_at - rules.ORIGINALS_RETENTION)


def _records(job: Import, part: ImportPart, additions: Additions) -> Iterator[RecordRow]:
    """Yield what became of each record of the part."""
    matched: dict[int, Withheld | None] = {match.position: match.withheld for match in additions.matches}
    for position, ((number, line), item_id) in enumerate(zip(part.work_places, additions.item_ids, strict=True)):
        if item_id is None:
            yield RecordRow(job.id, number, line, "rejected", None)
        else:
            outcome: RecordOutcome = "matched" if position in matched else "created"
            yield RecordRow(job.id, number, line, outcome, item_id, matched.get(position))
    for reject in part.rejects:
        yield RecordRow(job.id, reject["number"], reject["line"], "rejected", None)


def _refusal(job: Import, number: int, line: int) -> RejectRow:
    """Return the reject of a record that repeats what somebody took back. Nothing of the record itself is stored."""
    return {"job_id": job.id, "number": number, "line": line, "reason": REPEATS, "title": None}


async def _new_works(session: AsyncSession, works: Sequence[ParsedWork]) -> list[NewWork]:
    """Return the works to add. Of the topics that they name, those are kept that this library has by the same name."""
    topics = await queries.topics_by_name(session, {name for work in works for name in work.topics})
    return [
        NewWork(
            work.description,
            work.item_id,
            work.from_a_library,
            [topics[name] for name in work.topics if name in topics],
        )
        for work in works
    ]


async def _store_originals(session: AsyncSession, job: Import, part: ImportPart) -> None:
    """Store the rejected records of this part as they came, except those of more than 1 MB.

    Must be called before the file is deleted.
    """
    room = max(0, rules.MAX_ORIGINALS - job.rejected)
    ranges = {
        reject["number"]: (begin, end)
        for reject, (begin, end) in zip(part.rejects[:room], part.reject_ranges, strict=False)
        if end - begin <= MAX_RECORD_BYTES
    }
    if not ranges:
        return
    contents = await ranges_of(session, import_chunks, job.id, list(ranges.values()))
    head = FORMATS[job.format].file_header(await beginning_of(session, import_chunks, job.id, MAX_SNIFFED_BYTES))
    originals = {HEAD_NUMBER: head, **dict(zip(ranges, contents, strict=True))}
    await queries.insert_originals(session, job.id, originals)


async def _prepended(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk
