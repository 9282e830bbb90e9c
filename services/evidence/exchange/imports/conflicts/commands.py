"""Decide a conflict: accept what a record says, or keep what the item says."""

from typing import Literal
from uuid import UUID

from services.evidence.exchange.imports.conflicts import queries, rules
from services.evidence.exchange.imports.conflicts.queries import ConflictNotFound
from services.evidence.exchange.imports.conflicts.tables import ImportConflict
from services.evidence.library.items import commands as item_commands
from services.evidence.library.items.queries import lock_visible_item
from services.evidence.library.items.views import description_of
from services.evidence.library.topics.classification import topics_of
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match, combined
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def decide_conflict(
    uow: UnitOfWork, conflict_id: UUID, value: Literal["record", "ours"], match: Match, caller: Caller
) -> None:
    """Take the record's value into the item, or note that the item's holds.

    The ETag is of both, so that nobody decides on what has changed since. Raises ConflictNotFound, ConflictDecided,
    ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly, DuplicateWork, RequestValidationError, PreconditionFailed,
    PreconditionRequired.
    """
    item_id = (await queries.get_conflict(uow.session, conflict_id)).item_id
    item = await lock_visible_item(uow.session, item_id, caller)
    conflict = await fetch(uow.session, ImportConflict, conflict_id, missing=ConflictNotFound, lock=True)
    rules.check_open(conflict.status, item_id)
    match.check(combined(conflict, item))
    conflict.status = "accepted" if value == "record" else "kept"
    conflict.decided_at = clock.now()
    if value == "record":
        before = description_of(item, await topics_of(uow.session, item_id))
        description = item_commands.parse_description(rules.accepted(before, conflict.field, conflict.value))
        await item_commands.replace_description(uow, item, description)
    await uow.session.flush()
