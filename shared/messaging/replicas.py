"""Replicas: rows of another service, which its events update and an older event never overwrites.

Events of one key arrive in order, and the inbox drops repeated ones. A replay from the beginning, or a redriven event,
may still deliver an event after a later one was applied: the row's `last_sequence` tells.
"""

from typing import Protocol, TypeVar
from uuid import UUID

from shared.messaging.dispatcher import PrerequisiteMissing
from shared.persistence.unit_of_work import UnitOfWork


class Replica(Protocol):
    """A row of another service; `last_sequence` is that of the last event applied to it."""

    id: UUID
    last_sequence: int


R = TypeVar("R", bound=Replica)


async def lock_replica(
    uow: UnitOfWork, model: type[R], id: UUID, *, initial: R | None = None, same_version: bool = False
) -> R | None:
    """Return the locked row for the handler to update, or None where this event or a later one was applied to it.

    `initial` is saved and returned where there is no row yet. Raises PrerequisiteMissing where there is neither: the
    event that creates the row has not arrived.

    `same_version`: also for an event of the version of the last one, for events that change no version, or that come
    with another one. Applied again in their order, they leave the same.
    """
    sequence = uow.cause.sequence if uow.cause else 0
    row = await uow.session.get(model, id, with_for_update=True, populate_existing=True)
    if row is None:
        if initial is None:
            raise PrerequisiteMissing(f"the {model.__name__} that this event updates has not arrived")
        row = initial
        uow.session.add(row)
    if row.last_sequence > sequence or (row.last_sequence == sequence and not same_version):
        return None
    row.last_sequence = sequence
    return row
