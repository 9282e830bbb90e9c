"""Ask for an import to be taken back, and take it back, batch by batch."""

from collections.abc import Sequence
from uuid import UUID

from services.evidence.exchange.imports.matches.queries import fill_items, matched_items, save_editions
from services.evidence.exchange.imports.matches.rules import COLUMNS, RepeatedField
from services.evidence.exchange.imports.queries import ImportNotFound
from services.evidence.exchange.imports.tables import Import
from services.evidence.exchange.withdrawals import queries, rules
from services.evidence.exchange.withdrawals.rules import FilledRow
from services.evidence.exchange.withdrawals.statements import IsApplied
from services.evidence.exchange.withdrawals.tables import ImportWithdrawal
from services.evidence.library.items import commands as item_commands
from services.evidence.library.items.identifiers.queries import lock_works
from shared import clock
from shared.callers import Caller
from shared.events.contracts.evidence import EvidenceChanged
from shared.http.etags import Match
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork

MAX_BATCH_RECORDS = 200


async def withdraw_import(uow: UnitOfWork, import_id: UUID, match: Match, caller: Caller) -> ImportWithdrawal:
    """Take the import back in the background; where it was taken back before, what has become free since.

    Raises ImportNotFound, ImportNotFinished, WithdrawalRunning, PreconditionFailed, PreconditionRequired.
    """
    job = await fetch(uow.session, Import, import_id, missing=ImportNotFound, lock=True)
    match.check(job)
    rules.check_finished(job.status)
    withdrawal = await queries.withdrawal_of(uow.session, import_id, lock=True)
    if withdrawal is None:
        withdrawal = ImportWithdrawal(import_id=import_id, requester_id=caller.id)
        uow.save(withdrawal)
    elif withdrawal.status in ("queued", "running"):
        raise rules.WithdrawalRunning(import_id=import_id)
    withdrawal.requester_id, withdrawal.status, withdrawal.position = caller.id, "queued", 0
    withdrawal.attempts, withdrawal.try_at, withdrawal.problem, withdrawal.finished_at = 0, None, None, None
    job.withdrawn_at = clock.now()
    return withdrawal


async def process_batch(uow: UnitOfWork, withdrawal: ImportWithdrawal, is_applied: IsApplied) -> None:
    """Take back the next records of a locked withdrawal. Items are locked first, then the library's works."""
    import_id, after = withdrawal.import_id, withdrawal.position
    last = await queries.last_of_batch(uow.session, import_id, after, MAX_BATCH_RECORDS)
    withdrawal.status, withdrawal.attempts, withdrawal.try_at = "running", 0, None
    if last is None:
        withdrawal.status, withdrawal.finished_at = "done", clock.now()
        return
    await queries.lock_batch(uow.session, import_id, after, last)
    await lock_works(uow.session)
    items = await queries.items_to_remove(uow.session, import_id, after, last, is_applied)
    for item in items:
        await item_commands.withdraw(uow, item)
        # Who imports the file again, corrected, gets its works anew.
        item.fingerprint, item.identified, item.withdrawn_with = None, False, import_id
    await uow.session.flush()
    await queries.delete_names(uow.session, (), [item.id for item in items])
    rows = await queries.fields_to_take_back(uow.session, import_id, after, last)
    taken_back = await _take_back_or_pass_on(uow, import_id, after, last, rows)
    withdrawal.removed += len(items)
    withdrawal.taken_back += len(taken_back)
    withdrawal.position = last


async def record_failure(uow: UnitOfWork, withdrawal_id: UUID, version: int) -> None:
    """Count a failure of the batch that began at this version, and put it off or give the withdrawal up."""
    withdrawal = await uow.session.get(ImportWithdrawal, withdrawal_id, with_for_update=True)
    if withdrawal is None or withdrawal.version != version:
        return
    withdrawal.status = "running"
    withdrawal.attempts += 1
    withdrawal.try_at = rules.BATCH_ATTEMPTS.next_try(withdrawal.attempts, clock.now())
    if rules.BATCH_ATTEMPTS.exhausted(withdrawal.attempts):
        withdrawal.status, withdrawal.finished_at = "failed", clock.now()
        withdrawal.problem = rules.FAILED.format(attempts=withdrawal.attempts, position=withdrawal.position)


async def _take_back_or_pass_on(
    uow: UnitOfWork, import_id: UUID, after: int, last: int, rows: Sequence[FilledRow]
) -> list[FilledRow]:
    """Empty these fields, except of what another record states too: that is credited to it. Returns those emptied."""
    repeats: dict[tuple[UUID, str], list[RepeatedField]] = {}
    for repeat in await queries.repeats(uow.session, import_id, {row.item_id for row in rows}):
        repeats.setdefault((repeat.item_id, repeat.field), []).append(repeat)
    shares = [(row, *rules.pass_on(row, repeats.get((row.item_id, row.field), ()))) for row in rows]
    taken_back = await _take_back(uow, import_id, [rest for _, _, rest in shares if rest])
    stays = {(row.number, row.field) for _, _, row in shares if row} - {(row.number, row.field) for row in taken_back}
    gone = [(row, passed) for row, passed, _ in shares if (row.number, row.field) not in stays]
    await queries.forget(uow.session, import_id, after, last, [row for row, _ in gone])
    await queries.pass_on_fields(uow.session, [field for _, passed in gone for field in passed])
    return taken_back


async def _take_back(uow: UnitOfWork, import_id: UUID, rows: Sequence[FilledRow]) -> list[FilledRow]:
    """Empty these fields again, except of items that would be taken for another one then. Returns those emptied.

    A published item gets a new edition.
    """
    items = await matched_items(uow.session, {row.item_id for row in rows})
    wordings = {item.id: {name: getattr(item, name) for name in (*COLUMNS, "details")} for item in items.values()}
    lost = {item_id: list[tuple[str, str]]() for item_id in items}
    for row in rows:
        lost[row.item_id] += rules.take_back(items[row.item_id], row.field, row.before, row.value)
    unidentified = {item.fingerprint for item in items.values() if item.fingerprint and not item.identified}
    taken = await queries.taken_fingerprints(uow.session, unidentified)
    changed = [item for _, item in sorted(items.items()) if item.identified or item.fingerprint not in taken]
    await queries.delete_names(uow.session, [name for item in changed for name in lost[item.id]])
    now = clock.now()
    published = [item for item in changed if item.status == "published"]
    await save_editions(
        uow.session,
        [
            {"item_id": item.id, "edition": item.edition, "superseded_at": now, **wordings[item.id]}
            for item in published
        ],
    )
    for item in published:
        item.edition += 1
        uow.publish(EvidenceChanged(item_id=item.id, edition=item.edition), sequence=item.version + 1)
    if changed:
        await fill_items(uow.session, changed, now)
    fields: dict[UUID, list[str]] = {item.id: [] for item in changed}
    emptied = [row for row in rows if row.item_id in fields]
    for row in emptied:
        fields[row.item_id].append(row.field)
    for item_id, names in fields.items():
        after = {"import": import_id, "fields": sorted(names)}
        uow.record("fields taken back", "Item", item_id, after=after)
    return emptied
