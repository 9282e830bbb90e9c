"""Submit a retraction list, process its parts, and flag items with the notices about them."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from uuid import UUID

from services.evidence.exchange.file_jobs import commands as file_jobs
from services.evidence.exchange.file_jobs.queries import RejectRow, insert_rejects
from services.evidence.exchange.file_jobs.rules import MAX_FILE_NAME_CHARACTERS
from services.evidence.exchange.retraction_lists import queries, rules
from services.evidence.exchange.retraction_lists.csv_rows import CsvRow, with_line_feeds
from services.evidence.exchange.retraction_lists.part_reader import read_part
from services.evidence.exchange.retraction_lists.row_parser import parse_header, parse_row
from services.evidence.exchange.retraction_lists.tables import (
    RETRACTION_LIST_FILES,
    RetractionList,
    retraction_rejects,
)
from services.evidence.library.items.tables import Item
from services.evidence.library.retraction_notices.commands import retract
from services.evidence.library.retraction_notices.queries import notices_of, save_notices
from services.evidence.library.retraction_notices.rules import Notice, effective_notice
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork

MAX_CHECKED_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class FlaggedItems:
    """Items that were checked against the notices about them."""

    visible: dict[UUID, Item]
    """Those that are drafts or published."""
    changed: set[UUID]
    """Those of them that now show another notice than before."""


async def submit_retraction_list(
    uow: UnitOfWork, caller: Caller, *, source: str, file_name: str, content: AsyncIterator[bytes]
) -> RetractionList:
    """Store the list for the worker. Raises EmptyRetractionList or RetractionListTooLarge."""
    retraction_list = RetractionList(
        source=source,
        file_name=file_name[:MAX_FILE_NAME_CHARACTERS],
        submitter_id=caller.id,
        submitter_kind="client" if caller.kind == "client" else "person",
    )
    await file_jobs.store_file(
        uow,
        RETRACTION_LIST_FILES,
        retraction_list,
        with_line_feeds(content),
        max_bytes=rules.MAX_FILE_BYTES,
        too_large=rules.RetractionListTooLarge,
    )
    if retraction_list.total == 0:
        raise rules.EmptyRetractionList
    return retraction_list


async def process_part(uow: UnitOfWork, retraction_list: RetractionList) -> None:
    """Record the notices of the next part, and flag the items that they are about."""
    part = await read_part(uow.session, retraction_list)
    rows = [row for row in part.rows if row.broken or row.content.strip()]
    if retraction_list.column_names is None and rows:
        header = parse_header(rows.pop(0).content)
        if header is None:
            await finish(uow, retraction_list, rules.NOT_A_RETRACTION_LIST)
            return
        retraction_list.column_names, retraction_list.delimiter = header
    await process_rows(uow, retraction_list, rows)
    file_jobs.advance(retraction_list, bytes_read=part.end, next_line=part.next_line)
    if part.is_last:
        await finish(uow, retraction_list, None if retraction_list.column_names else rules.NOT_A_RETRACTION_LIST)


async def process_rows(uow: UnitOfWork, retraction_list: RetractionList, rows: list[CsvRow]) -> None:
    """Record the notices of these rows, and count what became of each."""
    notices: list[Notice] = []
    numbers: list[int] = []
    rejects: list[RejectRow] = []
    for number, row in enumerate(rows, retraction_list.rows + 1):
        columns = retraction_list.column_names or []
        notice = parse_row(row, columns, retraction_list.delimiter, retraction_list.source)
        if isinstance(notice, str):
            rejects.append({"job_id": retraction_list.id, "number": number, "line": row.line, "reason": notice})
        else:
            notices.append(notice)
            numbers.append(number)
    await insert_rejects(uow.session, retraction_rejects, rejects)
    await save_notices(uow.session, notices)
    item_ids = await queries.item_ids_by_name(uow.session, {name for notice in notices for name in notice.names})
    flagged = await flag_items(uow, item_ids.values())
    flags: list[tuple[int, UUID]] = []
    for number, notice in zip(numbers, notices, strict=True):
        ids = dict.fromkeys(item_ids[name] for name in notice.names if name in item_ids)
        items = [flagged.visible[item_id] for item_id in ids if item_id in flagged.visible]
        retraction = notice.retraction.model_dump(mode="json")
        if not items:
            retraction_list.not_in_library += 1
        elif showing := [item.id for item in items if item.id in flagged.changed and item.retraction == retraction]:
            retraction_list.flagged += 1
            flags += [(number, item_id) for item_id in showing]
        else:
            retraction_list.already_flagged += 1
    retraction_list.rows += len(rows)
    retraction_list.rejected += len(rejects)
    await queries.insert_flags(uow.session, retraction_list.id, flags)


async def check_items(uow: UnitOfWork) -> bool:
    """Flag items that were added, or got other identifiers, after a notice about them was listed.

    Returns whether there were items to check.
    """
    if not await queries.try_lock_notices(uow.session):
        return False
    unchecked = await queries.oldest_unchecked_items(uow.session, MAX_CHECKED_ITEMS)
    if unchecked.sequences:
        await flag_items(uow, (await notices_of(uow.session, unchecked.item_ids)).keys())
        await queries.delete_unchecked_items(uow.session, unchecked.sequences)
    return bool(unchecked.sequences)


async def flag_items(uow: UnitOfWork, ids: Collection[UUID]) -> FlaggedItems:
    """Show on each of these items the notice that holds, of all that were ever listed about it."""
    if not ids:
        return FlaggedItems({}, set())
    visible = await queries.lock_visible_items(uow.session, ids)
    changed: set[UUID] = set()
    for item_id, notices in sorted((await notices_of(uow.session, visible.keys())).items()):
        item, notice = visible[item_id], effective_notice(notices)
        before = item.retraction
        if notice is not None:
            await retract(uow, item, notice)
        if item.retraction != before:
            changed.add(item_id)
    return FlaggedItems(visible, changed)


async def finish(uow: UnitOfWork, retraction_list: RetractionList, problem: str | None) -> None:
    """End the list: failed where there is a problem."""
    await file_jobs.finish(uow, RETRACTION_LIST_FILES, retraction_list, problem)
