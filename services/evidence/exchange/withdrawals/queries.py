"""SQL of withdrawals: how far each has come, and what it takes back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Integer,
    Text,
    Uuid,
    bindparam,
    delete,
    exists,
    func,
    label,
    or_,
    select,
    text,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows

from services.evidence.exchange.imports.conflicts.tables import ImportConflict, import_conflict_repeats
from services.evidence.exchange.imports.matches.rules import FilledField, RepeatedField
from services.evidence.exchange.withdrawals import rules, statements
from services.evidence.exchange.withdrawals.rules import FilledRow, StayReason
from services.evidence.exchange.withdrawals.statements import IsApplied
from services.evidence.exchange.withdrawals.tables import ImportWithdrawal
from services.evidence.library.items.identifiers.rules import Name
from services.evidence.library.items.tables import Item, identifiers
from services.evidence.library.provenance.tables import import_records, imported_fields, repeated_fields
from shared.persistence.columns import in_array


class StayCount(NamedTuple):
    """How many stay for a reason; without one, how many go."""

    is_field: bool
    reason: StayReason | None
    number: int


_FORGET = text(
    "DELETE FROM imported_fields USING unnest(:numbers, :fields) AS emptied (number, field)"
    " WHERE job_id = :job_id AND imported_fields.number = emptied.number AND imported_fields.field = emptied.field"
).bindparams(
    bindparam("job_id", type_=Uuid),
    bindparam("numbers", type_=ARRAY(Integer)),
    bindparam("fields", type_=ARRAY(Text)),
)
_PASS_ON = text(
    """
    WITH heirs AS (
        SELECT DISTINCT ON (conflicts.id) conflicts.id, repeats.job_id, repeats.number
        FROM import_conflicts AS conflicts JOIN import_conflict_repeats AS repeats ON repeats.conflict_id = conflicts.id
        WHERE conflicts.job_id = :job_id AND conflicts.number BETWEEN :first AND :last AND conflicts.status = 'open'
        ORDER BY conflicts.id, repeats.job_id, repeats.number
    ), passed_on AS (
        DELETE FROM import_conflict_repeats USING heirs
        WHERE conflict_id = heirs.id AND (import_conflict_repeats.job_id, import_conflict_repeats.number)
            = (heirs.job_id, heirs.number)
    )
    UPDATE import_conflicts SET job_id = heirs.job_id, number = heirs.number
    FROM heirs WHERE import_conflicts.id = heirs.id
    """
).bindparams(bindparam("job_id", type_=Uuid), bindparam("first", type_=Integer), bindparam("last", type_=Integer))
_record, _filled, _id = import_records.c, imported_fields.c, col(Item.id)


async def count_reasons(session: AsyncSession, import_id: UUID, is_applied: IsApplied) -> list[StayCount]:
    """Return how many items and fields stay for each reason, and how many go."""
    rows = statements.reasons(import_id, is_applied).subquery()
    is_field = label("is_field", rows.c.field != "")
    statement = select(is_field, rows.c.reason, func.count()).group_by(is_field, rows.c.reason)
    return [StayCount(*row) for row in await session.execute(statement.order_by(is_field, rows.c.reason))]


async def withdrawal_of(session: AsyncSession, import_id: UUID, *, lock: bool = False) -> ImportWithdrawal | None:
    """Return the withdrawal of this import, if anybody asked for one."""
    statement = select_rows(ImportWithdrawal).where(col(ImportWithdrawal.import_id) == import_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalars().first()


async def lock_next_due(session: AsyncSession, now: datetime) -> ImportWithdrawal | None:
    """Return the oldest unfinished withdrawal that no other worker has and that does not wait after a failure."""
    due = or_(col(ImportWithdrawal.try_at).is_(None), col(ImportWithdrawal.try_at) <= now)
    statement = select_rows(ImportWithdrawal).where(col(ImportWithdrawal.status).in_(("queued", "running")), due)
    locked = statement.order_by(col(ImportWithdrawal.id)).limit(1).with_for_update(skip_locked=True)
    return (await session.execute(locked)).scalars().first()


async def last_of_batch(session: AsyncSession, import_id: UUID, after: int, limit: int) -> int | None:
    """Return the number of the last record of the next batch; None where there is no record any more."""
    numbers = select(_record.number).where(_record.job_id == import_id, _record.number > after)
    batch = numbers.order_by(_record.number).limit(limit).subquery()
    return await session.scalar(select(func.max(batch.c.number)))


async def lock_batch(session: AsyncSession, import_id: UUID, after: int, last: int) -> None:
    """Lock the items that these records created or filled, in the order of their ids, as everywhere."""
    created = select(_record.item_id).where(_record.job_id == import_id, _record.number.between(after + 1, last))
    filled = select(_filled.item_id).where(_filled.job_id == import_id, _filled.number.between(after + 1, last))
    ids = union_all(created.where(_record.outcome == "created"), filled).subquery()
    statement = select(_id).where(_id.in_(select(ids.c.item_id))).order_by(_id)
    await session.execute(statement.with_for_update(key_share=True))


async def items_to_remove(
    session: AsyncSession, import_id: UUID, after: int, last: int, is_applied: IsApplied
) -> Sequence[Item]:
    """Return the items that these records created and that nobody has touched since."""
    created = statements.created(import_id, is_applied).where(_record.number.between(after + 1, last)).subquery()
    ids = select(created.c.item_id).where(created.c.reason.is_(None))
    statement = select_rows(Item).where(_id.in_(ids)).order_by(_id).execution_options(populate_existing=True)
    return (await session.execute(statement)).scalars().all()


async def fields_to_take_back(session: AsyncSession, import_id: UUID, after: int, last: int) -> list[FilledRow]:
    """Return the fields that these records filled and that say the same today, with those that others state too."""
    columns = statements.fields(import_id).add_columns(_filled.before, _filled.value)
    fields = columns.where(_filled.number.between(after + 1, last)).subquery()
    statement = (
        select(*(fields.c[name] for name in FilledRow._fields))
        .where(or_(fields.c.reason.is_(None), fields.c.reason.in_(rules.PASSED_ON)))
        .order_by(fields.c.number, fields.c.field)
    )
    return [FilledRow(*row) for row in await session.execute(statement)]


async def repeats(session: AsyncSession, import_id: UUID, item_ids: Collection[UUID]) -> list[RepeatedField]:
    """Return what records of other imports and harvests that stand state of these items as a file filled it."""
    return [RepeatedField(*row) for row in await session.execute(statements.repeats(import_id, item_ids))]


async def pass_on_fields(session: AsyncSession, fields: Sequence[FilledField]) -> None:
    """Store that these records filled these fields. Identifiers join those that a record filled before."""
    if fields:
        statement = insert(imported_fields).values([field._asdict() for field in fields])
        key = [imported_fields.c[name] for name in ("job_id", "number", "field")]
        value = imported_fields.c.value.op("||")(statement.excluded.value)
        await session.execute(statement.on_conflict_do_update(index_elements=key, set_={"value": value}))


async def taken_fingerprints(session: AsyncSession, fingerprints: Collection[str]) -> set[str]:
    """Return those of these fingerprints by which another item without identifiers is known."""
    statement = select(col(Item.fingerprint)).where(
        in_array(col(Item.fingerprint), fingerprints, Text), ~col(Item.identified), col(Item.status) != "merged"
    )
    return {value for value in (await session.execute(statement)).scalars() if value}


async def delete_names(session: AsyncSession, names: Collection[Name], item_ids: Collection[UUID] = ()) -> None:
    """Let nothing be recognised by these identifiers, nor by any of these items."""
    key = tuple_(identifiers.c.scheme, identifiers.c.value)
    if names:
        await session.execute(delete(identifiers).where(key.in_(list(names))))
    if item_ids:
        await session.execute(delete(identifiers).where(in_array(identifiers.c.item_id, item_ids)))


async def forget(session: AsyncSession, import_id: UUID, after: int, last: int, rows: Sequence[FilledRow]) -> None:
    """Delete what these records left to decide, and that they filled the fields of these rows.

    What another record states too is left to decide, as a conflict of that one.
    """
    conflict, repeat = ImportConflict, import_conflict_repeats.c
    is_open = exists().where(col(conflict.id) == repeat.conflict_id, col(conflict.status) == "open")
    await session.execute(
        delete(import_conflict_repeats).where(
            repeat.job_id == import_id, repeat.number.between(after + 1, last), is_open
        )
    )
    await session.execute(_PASS_ON, {"job_id": import_id, "first": after + 1, "last": last})
    await session.execute(
        delete(conflict).where(
            col(conflict.job_id) == import_id,
            col(conflict.number).between(after + 1, last),
            col(conflict.status) == "open",
        )
    )
    repeat = repeated_fields.c
    await session.execute(
        delete(repeated_fields).where(repeat.job_id == import_id, repeat.number.between(after + 1, last))
    )
    if rows:
        numbers, fields = [row.number for row in rows], [row.field for row in rows]
        await session.execute(_FORGET, {"job_id": import_id, "numbers": numbers, "fields": fields})
