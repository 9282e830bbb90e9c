"""Send a rejected record again."""

from collections.abc import AsyncIterator
from pathlib import PurePath
from uuid import UUID

from services.evidence.exchange.imports.commands import submit_import
from services.evidence.exchange.imports.queries import get_import
from services.evidence.exchange.imports.rejects import queries, rules
from services.evidence.exchange.imports.tables import Import
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork


async def correct_reject(uow: UnitOfWork, import_id: UUID, number: int, file: str, caller: Caller) -> Import:
    """Import a rejected record, corrected, with what was chosen for the file that it came in. Returns the new import.

    Raises ImportNotFound, RejectNotFound, AlreadySentAgain, and what `submit_import` raises.
    """
    job = await get_import(uow.session, import_id, caller, lock=True)
    reject = await queries.get_reject(uow.session, import_id, number)
    rules.check_not_sent_again(reject.import_id, is_taken_back=reject.withdrawn_at is not None)
    name = PurePath(job.file_name or "records")
    correction = await submit_import(
        uow,
        caller,
        content=_chunks_of(file),
        file_name=f"{name.stem}-{number}{name.suffix}",
        format_name=job.format,
        topics=job.topics,
        publish=job.publish,
    )
    await uow.session.flush()
    await queries.save_sent_again(uow.session, import_id, number, correction.id)
    if reject.import_id is None:
        job.sent_again += 1
    return correction


async def _chunks_of(file: str) -> AsyncIterator[bytes]:
    yield f"{file}\n".encode()
